"""The tools that a model sees, one file each, in the order of the list."""

from imagewright_tools import attach_to_post, generate_image, get_generation, list_models

TOOLS = (generate_image.TOOL, get_generation.TOOL, list_models.TOOL, attach_to_post.TOOL)
