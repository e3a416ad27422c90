"""The peers task: each peer in its own surroundings, a failure is a row and not the end."""

import gzip
import json
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from eval.readme.blocks import with_results
from eval.tasks import peers

PEER = """
import json, pathlib, sys
files = sorted(pathlib.Path(sys.argv[1]).glob("*.txt"))
print(json.dumps({"system": "peer", "n_docs": len(files), "index_seconds": 1.0,
                  "query_p50_ms": 2.0, "query_p95_ms": 3.0, "peak_rss_mb": 4.0}))
"""


@pytest.fixture
def arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Namespace:
    corpus = tmp_path / peers.CORPUS
    corpus.parent.mkdir(parents=True)
    with gzip.open(corpus, "wt", encoding="utf-8") as lines:
        for number in range(5):
            record = {"title": f"Town {number}", "text": f"Town {number} is in France."}
            lines.write(json.dumps(record) + "\n")
    for name in ("good", "bad"):
        home = tmp_path / "homes" / name / "bin"
        home.mkdir(parents=True)
        (home / "python").symlink_to(sys.executable)
    (tmp_path / "good.py").write_text(PEER)
    (tmp_path / "bad.py").write_text("raise SystemExit('no model')")
    scripts = {name: (f"{name}.py",) for name in ("good", "bad", "absent")}
    monkeypatch.setattr(peers, "SCRIPTS", scripts)
    return Namespace(data=tmp_path, peers=tmp_path, homes=tmp_path / "homes", files=4)


def test_kgrag_runs_for_real_and_each_peer_where_it_is(arguments: Namespace) -> None:
    own, good, bad, absent = peers.run(arguments)["rows"]
    assert (own["system"], own["n_docs"], good["n_docs"]) == ("kgrag", 4, 4)
    assert own["edges"] > 0 and own["query_p95_ms"] >= own["query_p50_ms"] > 0
    assert bad == {"system": "bad", "failed": "CalledProcessError"}
    assert absent == {"system": "absent", "failed": "not installed"}


def test_what_failed_is_told_in_the_table(tmp_path: Path) -> None:
    rows = [{"system": "hippo", "failed": "not installed"}]
    record = {
        "command": "kgrag-eval run peers", "commit": None, "dirty": None, "seed": 1,
        "date": "2026-11-26", "result": {"rows": rows},
    }  # fmt: skip
    (tmp_path / "peers.json").write_text(json.dumps(record), encoding="utf-8")
    written = with_results("<!-- results:peers -->\n<!-- end -->", tmp_path)
    assert "| hippo | not installed | | | |" in written


def test_without_its_folders_the_task_says_which(arguments: Namespace) -> None:
    arguments.peers = None
    with pytest.raises(SystemExit, match="--peers"):
        peers.run(arguments)
