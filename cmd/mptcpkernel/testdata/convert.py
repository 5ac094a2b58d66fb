"""Does to a notebook what nbconvert's command line does, without starting it anew each time: executes it, and where
formats are named, executes it again and turns what the first execution gave into them.

    convert.py FOLDER NOTEBOOK [FORMAT...]

FOLDER gets first.ipynb, second.ipynb and a file for each format."""

import os
import sys

import nbformat
from nbconvert.exporters import NotebookExporter, get_exporter
from traitlets.config import Config

folder, path, *formats = sys.argv[1:]
executing = NotebookExporter(config=Config({"ExecutePreprocessor": {"enabled": True}}))
place = {"metadata": {"path": os.path.dirname(path)}}
for name in ["first", "second"] if formats else ["first"]:
    text, _ = executing.from_filename(path, resources=place)
    with open(os.path.join(folder, name + ".ipynb"), "w", encoding="utf-8") as f:
        f.write(text)
executed = nbformat.read(os.path.join(folder, "first.ipynb"), as_version=4)
for name in formats:
    text, resources = get_exporter(name)().from_notebook_node(executed)
    with open(os.path.join(folder, name + resources["output_extension"]), "w", encoding="utf-8") as f:
        f.write(text)
