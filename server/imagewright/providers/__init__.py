"""The vendors, one file each: a module of this package that holds a `PROVIDER` is one; adding it is adding the file."""

import importlib
import pkgutil
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imagewright.provider import Provider


@cache
def all_providers() -> "Mapping[str, Provider]":
    """Return every provider by slug, in the order in which `auto` prefers them."""
    names = [info.name for info in pkgutil.iter_modules(__path__) if not info.name.startswith("_")]
    found: list[Provider] = [importlib.import_module(f"{__name__}.{name}").PROVIDER for name in names]
    return MappingProxyType({provider.slug: provider for provider in sorted(found, key=lambda one: one.rank)})
