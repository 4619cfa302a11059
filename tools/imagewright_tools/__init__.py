"""The tools that a model sees, one file each, in the order of the list."""

from imagewright_tools import generate_image, list_models

TOOLS = (generate_image.TOOL, list_models.TOOL)
