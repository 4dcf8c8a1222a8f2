"""`python -m bench [NAME ...]`: runs the benchmarks of this package, all of them unless some are named.

A benchmark is a module of this package with a docstring and a function `run()`. One that needs a database calls
`bench.databases.on_each_database`, which gives it an empty one of each kind and drops it afterwards.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys
from types import ModuleType

import bench


def benchmarks() -> dict[str, ModuleType]:
    names = [module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_")]
    modules = {name: importlib.import_module(f"bench.{name}") for name in names}
    return {name: module for name, module in modules.items() if hasattr(module, "run")}


def main() -> int:
    found = benchmarks()
    about = "\n".join(f"  {name:10} {(module.__doc__ or '').splitlines()[0]}" for name, module in found.items())
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=f"Runs benchmarks:\n{about}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    # argparse checks the empty list of "none named" against the choices too.
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[[], *found], help="all, unless named")
    parser.add_argument("--photos", type=int, help="how many `queue` queues")
    options = parser.parse_args()
    if options.photos:
        os.environ["BENCH_PHOTOS"] = str(options.photos)  # benchmarks measure in processes of their own
    chosen = options.names or list(found)
    for name in chosen:
        print(f"\n# {name}", flush=True)
        found[name].run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
