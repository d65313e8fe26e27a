"""What MONAI reads of configurations whose names are paths, add to others, or whose macros count from where they stand.

    python make_bundle_configurations.py

writes ../resources/bundle_configurations.json: each configuration, what MONAI makes of its entry 'A', and nothing if MONAI fails.
Run with MONAI 1.6.1.
"""

import json
import pathlib
import tempfile

from monai.bundle import ConfigParser

CONFIGURATIONS = [
    {"A": {"x": 1}, "A::x": 2},
    {"A": {"x": 1}, "A#x": [2]},
    {"A": {"x": [1, {"y": 2}]}, "A::x#1::y": 3},
    {"A": {"x": [1, 2]}, "A::x::1": {"z": 3}},
    {"A": {"x": [1, 2]}, "A::x::2": 3},
    {"A": {"x": [1, 2]}, "A::x::-1": 3},
    {"A": {"x": [1, 2]}, "A::x::one": 3},
    {"A": {"x": 1}, "A::y": 2},
    {"A": {"x": 1}, "A::y::z": 2},
    {"A": {"x": 1}, "A::x::z": 2},
    {"A::x": 2, "A": {"x": 1}},
    {"A": {"x": 1}, "+A": {"y": 2}},
    {"A": {"x": {"p": 1}}, "+A": {"x": {"q": 2}}},
    {"A": [1, 2], "+A": [3]},
    {"A": [1, 2], "+A": {"x": 3}},
    {"A": [1, 2], "+A": 3},
    {"A": 1, "+A": 3},
    {"+A": [3]},
    {"+A": {"x": 1}, "A": {"y": 2}},
    {"A": {"x": [1]}, "+A::x": [2], "+A#y": 3},
    {"A": {"x": 1}, "+A#x": 3},
    {"A": {"x": 1, "+x": 3}},
    {"A": "@B", "B": {"x": 1}, "B::x": "@C", "C": 4, "+B": {"y": 5}},
    {"A": "@B", "A::x": 3, "B": {"x": 1}},
    {"A": {"x": "@B::1"}, "B": ["p", {"q": 1}], "B::1::q": 0.2},
    {"": {"A": 1}},
    {"A": 1, "": {"A": 2}},
    {"B": {"x": 1, "y": "@::x"}, "A": {"x": 2, "y": "%B::y"}},
    {"B": {"x": 1, "y": "@#x"}, "A": {"x": 2, "z": [["%B"]]}},
    {"A": {"x": 2, "y": "%B::y"}, "B": {"x": 1, "y": "@::x"}},
    {"A": "%B", "B": {"x": 1, "y": "@::x"}},
    {"A": {"x": 2, "y": "@B::y"}, "B": {"x": 1, "y": "@::x"}},
    {"B": {"x": 1, "y": ["@::::x"]}, "A": {"x": 2, "y": ["%B::y"]}},
    {"C": {"x": 1, "y": "@::x"}, "B": {"x": 2, "y": "%C::y"}, "A": {"x": 3, "y": "%B::y"}},
    {"A": "%B", "B": {"x": "@C"}, "C": 3},
    {"A": "@B", "B": "@A"},
    {"A": ["@B", 2], "B": {"_target_": "dict", "_disabled_": " TRUE "}},
    {"A": [{"_target_": "dict", "_disabled_": True}, 2]},
]


def read(configuration, folder):
    file = pathlib.Path(folder) / "inference.json"
    file.write_text(json.dumps(configuration))
    try:
        parser = ConfigParser()
        parser.read_config(file)
        parser.parse(True)
        return {"configuration": configuration, "A": parser.get_parsed_content("A")}
    except Exception as failure:
        return {"configuration": configuration, "failure": type(failure).__name__}


with tempfile.TemporaryDirectory() as folder:
    table = [read(configuration, folder) for configuration in CONFIGURATIONS]
target = pathlib.Path(__file__).parent.parent / "resources" / "bundle_configurations.json"
target.write_text("[\n" + ",\n".join(json.dumps(row) for row in table) + "\n]\n")
