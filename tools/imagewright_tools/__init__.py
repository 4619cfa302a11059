"""The tools that a model sees, one file each, in the order of the list."""

from imagewright_tools import attach_to_post, generate_image, list_models

TOOLS = (generate_image.TOOL, list_models.TOOL, attach_to_post.TOOL)
