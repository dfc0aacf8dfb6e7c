"""`partystate cite`: a bundle says what made a result and reproduces it, or says clearly why it cannot be tested."""

from __future__ import annotations

import dataclasses
import json
import re
import shlex
import shutil
import zipfile
from pathlib import Path

import pytest

from partystate import record
from partystate.analysis import bundle
from partystate.record.sources import Source
from partystate.runs import keys, store
from partystate.views import bibtex, bundle_files
from tests.contracts.test_documents import PRIVATE

FAILED, USAGE, DATA = 1, 2, 3
SHORT = "--until 1922-06"
A_PATH = PRIVATE["a path of one machine"]
OFF = '# A comment stays.\ntitle = "Local election"\nsources = ["rigby1968"]\n[systems]\noff = ["S01"]\n'


@pytest.fixture
def run(partystate, runs):
    """A stored run with a scenario read from a folder, and a parameter of the command line."""
    Path("off.toml").write_text(OFF, encoding="utf-8")
    answer = partystate(
        f"run {Path('off.toml').absolute()} --seed 3 {SHORT} --set appointments.vacancy=0.05:0.06 --json"
    )
    return answer.json["folder"]


@pytest.fixture
def ensemble(partystate):
    """A stored ensemble of three histories."""
    assert partystate(f"ensemble --runs 3 --workers 1 {SHORT} --out e").code == 0
    return "e"


def texts(folder: Path) -> dict[str, str]:
    """Name -> text of every file of a bundle."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in paths}


def changed(path: str, change) -> None:
    """Rewrites `bundle.json`."""
    file = Path(path) / "bundle.json"
    data = json.loads(file.read_text("utf-8"))
    change(data)
    file.write_text(json.dumps(data), "utf-8")


def rewritten(path: str, name: str, old: str, new: str) -> None:
    """Rewrites a file of a bundle, its hash included, as if it had been written so."""
    import hashlib

    file = Path(path) / name
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    content = file.read_bytes()
    facts = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    changed(path, lambda data: data["files"].update({name: facts}))


def test_a_run_is_reproduced_from_its_bundle_alone(partystate, runs, run):
    assert partystate(f"cite {run} --out b").code == 0
    shutil.rmtree(runs)
    Path("off.toml").unlink()
    answer = partystate("cite --check b --workers 1")
    assert (answer.code, answer.out.strip()) == (0, "1 of 1 histories came out (same bits: 1).")


def test_the_commands_of_a_bundle_make_the_same_run(partystate, run, monkeypatch):
    assert partystate(f"cite {run} --out b").code == 0
    facts = json.loads(Path("b/bundle.json").read_text("utf-8"))
    [command] = facts["arms"][0]["commands"]
    monkeypatch.chdir("b")
    again = partystate([*shlex.split(command)[1:], "--out", "again", "--json"]).json
    assert again["key"] == store.open_run(Path(run) if Path(run).is_absolute() else Path("..") / run).key
    assert command in Path("README.md").read_text("utf-8")
    assert command in Path("reproduce.sh").read_text("utf-8")


def test_what_a_bundle_of_a_run_holds(partystate, run):
    assert partystate(f"cite {run} --out b").code == 0
    held = texts(Path("b"))
    assert set(held) == {
        "README.md", "CITATION.cff", "bundle.json", "histories.csv", "levels.csv", "parameters.csv", "reproduce.sh",
        "scenarios/01-local-election.toml", "sources.bib",
    }  # fmt: skip
    assert held["scenarios/01-local-election.toml"] == OFF
    stored = store.find("last")
    for name, text in held.items():
        assert not A_PATH.search(text), name
    for fact in (stored.key, stored.manifest["fingerprint"]):
        assert fact in held["histories.csv"]
    for fact in (keys.model_version(), record.load().version, stored.manifest["platform"]["numba"]):
        assert fact in held["README.md"]
    assert held["README.md"].startswith("# A history: Local election, seed 3\n")
    assert "One history is an illustration and no answer." in held["README.md"]
    assert "Without S01: Vacancies are filled locally" in held["README.md"]
    assert "appointments.vacancy" in held["parameters.csv"]
    [row] = [line for line in held["parameters.csv"].splitlines() if ",appointments.vacancy," in line]
    assert ",0.05,0.06," in row
    assert "command line" in row
    assert "@misc{rigby1968," in held["sources.bib"]


def test_every_parameter_is_there_with_grade_and_sources(partystate, ensemble):
    assert partystate("cite e --out b").code == 0
    import csv

    with Path("b/parameters.csv").open(encoding="utf-8") as file:
        rows = {row["parameter"]: row for row in csv.DictReader(file)}
    known = record.load().parameters
    assert set(rows) == set(known)
    for key, row in rows.items():
        assert (row["grade"], row["sources"]) == (known[key].grade, " ".join(known[key].source)), key
    cited = {source for row in rows.values() for source in row["sources"].split()}
    bibliography = Path("b/sources.bib").read_text("utf-8")
    assert not [source for source in cited if f"@misc{{{source}," not in bibliography]


def test_an_ensemble_in_one_file(partystate, ensemble):
    assert partystate("cite e --zip --out one.zip").code == 0
    assert partystate("cite e --out two.zip").code == 0
    assert Path("one.zip").read_bytes() == Path("two.zip").read_bytes()
    with zipfile.ZipFile("one.zip") as archive:
        assert "partystate ensemble --until 1922-06 --runs 3 --first-seed 1" in archive.read("reproduce.sh").decode()
    assert "2 of 2 histories came out" in partystate("cite --check one.zip --workers 1").out
    answer = partystate("cite --check one.zip --all --workers 1 --json").json
    assert answer["reproduced"] is True
    assert [row["verdict"] for row in answer["histories"]] == ["same bits"] * 3


def test_a_history_that_comes_out_otherwise_is_named(partystate, ensemble):
    assert partystate("cite e --out b").code == 0
    fingerprint = json_fingerprints("b")[1]
    rewritten("b", "histories.csv", fingerprint, "f" * 64)
    answer = partystate("cite --check b --workers 1")
    assert answer.code == FAILED
    assert "1 of 2 histories came out (same bits: 1, same outcomes: 1)." in answer.out
    assert re.search(r"reference +2 +f{16} +\w{16} +same outcomes", answer.out)


def test_on_another_platform_outcomes_are_compared(partystate, ensemble):
    assert partystate("cite e --out b").code == 0
    rewritten("b", "histories.csv", json_fingerprints("b")[0], "f" * 64)
    changed("b", lambda data: data["platform"].update(machine="Plan9 mips"))
    answer = partystate("cite --check b --workers 1")
    assert answer.code == 0
    assert "2 of 2 histories came out (same outcomes: 1, same bits: 1)." in answer.out
    assert "Plan9 mips" in answer.err
    row = next(line for line in Path("b/histories.csv").read_text("utf-8").splitlines() if "f" * 64 in line)
    rewritten("b", "histories.csv", row, row.replace(",0.0,", ",0.5,", 1))
    assert partystate("cite --check b --workers 1").code == FAILED


def json_fingerprints(path: str) -> list[str]:
    """The fingerprints of a bundle in order."""
    text = (Path(path) / "histories.csv").read_text("utf-8")
    return [each.fingerprint for found in bundle_files.read_histories(text, path).values() for each in found]


@pytest.mark.parametrize("part", ["model", "record", "measure_version"])
def test_another_version_is_no_failure_to_reproduce(partystate, ensemble, part):
    assert partystate("cite e --out b").code == 0
    changed("b", lambda data: data.update({part: "0" * 64}))
    answer = partystate("cite --check b")
    assert (answer.code, answer.out) == (USAGE, "")
    assert "000000000000" in answer.err
    assert "nstall the version that made it" in answer.err


def test_results_of_another_version_are_not_bundled(partystate, ensemble):
    facts = json.loads(Path("e/ensemble.json").read_text("utf-8"))
    Path("e/ensemble.json").write_text(json.dumps(facts | {"model": "0" * 64}), "utf-8")
    answer = partystate("cite e --out b")
    assert answer.code == USAGE
    assert "e: model: expected the model that made it, 000000000000; came another version" in answer.err
    assert not Path("b").exists()


REFUSED = {
    "cite nothing": (USAGE, "RUN: nothing: expected a run in"),
    "cite empty": (USAGE, "RESULT: empty: expected a run, an ensemble, a question or a study; came a folder with none"),
    "cite e --out taken": (USAGE, "--out: taken: expected a name that is not taken; came one that is"),
    "cite e --out no/where": (USAGE, "--out: no/where: expected a place in a folder that exists; came no folder no"),
    "cite --check e": (USAGE, "BUNDLE: e: expected a bundle, which holds bundle.json; came a folder without one"),
    "cite --check nowhere": (USAGE, "BUNDLE: nowhere: expected a bundle that `partystate cite` wrote"),
    "cite --check b --runs 0": (USAGE, "--runs: runs: expected 1 or more; came 0"),
    "cite --check text.zip": (DATA, "text.zip: file: expected a sound .zip of a bundle"),
}


def test_what_cite_refuses(partystate, ensemble):
    Path("empty").mkdir()
    Path("taken").mkdir()
    Path("text.zip").write_text("no archive", "utf-8")
    assert partystate("cite e --out b").code == 0
    for line, (code, said) in REFUSED.items():
        answer = partystate(line)
        assert (answer.code, answer.out) == (code, ""), line
        assert said in answer.err


def test_damage_is_named(partystate, ensemble):
    assert partystate("cite e --out b").code == 0
    Path("b/sources.bib").write_text("% mine\n", "utf-8")
    answer = partystate("cite --check b")
    assert answer.code == DATA
    assert "b/sources.bib: file: expected content with hash" in answer.err
    part = sorted(Path("e/parts").glob("*.parquet"))[0]
    part.write_bytes(part.read_bytes()[:-40])
    assert partystate("cite e --out c").code == DATA
    part.unlink()
    answer = partystate("cite e --out c")
    assert answer.code == USAGE
    assert (
        "RESULT: e: expected all 3 histories; came 2 in arm reference. Run the command that made it again" in answer.err
    )


def test_a_fork_is_reproduced_with_its_parent(partystate, run, runs):
    Path("late.toml").write_text('[systems]\noff = ["S03"]\n', encoding="utf-8")
    fork = partystate(f"fork last --at 1922-04 --with late.toml {SHORT} --json").json
    assert partystate(f"cite {fork['folder']} --out b").code == 0
    script = Path("b/reproduce.sh").read_text("utf-8").splitlines()
    assert [line.split()[1] for line in script if line.startswith("partystate ")] == ["cite", "run", "fork"]
    shutil.rmtree(runs)
    assert "1 of 1 histories came out" in partystate("cite --check b --workers 1").out


@pytest.fixture
def short_question(monkeypatch):
    """Q27 asked of five months, without readings."""
    from partystate.analysis import question

    name = "opposition_in_cells"
    asked = dataclasses.replace(question.load("Q27"), months=5, main=name, outcomes=(name,), readings=(), under="")
    monkeypatch.setattr(question, "load", lambda _: asked)


@pytest.mark.slow
def test_a_question_and_its_arms(partystate, runs, short_question):
    assert partystate("ask Q27 --runs 2 --workers 1").code == 0
    [folder] = (runs / "asked").glob("Q27-*")
    assert partystate(f"cite {folder} --out b").code == 0
    held = texts(Path("b"))
    for name, text in held.items():
        assert not A_PATH.search(text), name
    answer = json.loads(held["answer.json"])
    assert answer["sentences"][0] in held["README.md"]
    assert "\npartystate ask Q27 --runs 2 --first-seed 200000\n" in held["reproduce.sh"]
    facts = json.loads(held["bundle.json"])
    assert facts["kind"] == "question"
    assert {arm["name"] for arm in answer["arms"]} <= {arm["arm"] for arm in facts["arms"]}
    files = [arm["scenario"] for arm in facts["arms"] if arm["scenario"]]
    assert files
    assert set(files) == {name for name in held if name.startswith("scenarios/")}
    every = len(facts["arms"])
    assert f"{every} of {every} histories came out" in partystate("cite --check b --runs 1 --workers 1").out


@pytest.mark.slow
def test_a_study_and_its_arms(partystate, monkeypatch):
    from partystate.analysis import study, study_runs

    power = dataclasses.replace(study.load("power"), months=5)
    monkeypatch.setattr(study, "load", lambda _: power)
    study_runs.run(power, Path("s"), study.chosen(power, ["S01-off"]), 2, 1)
    assert partystate("cite s --out b").code == 0
    held = texts(Path("b"))
    assert held["study.toml"] == power.text
    assert "\npartystate study power --runs 2 --only S01-off\n" in held["reproduce.sh"]
    assert "4 of 4 histories came out" in partystate("cite --check b --workers 1").out


def test_scenarios_keep_the_run_key():
    """The file that a bundle holds stands for the same history as the recipe, systems off by the recipe included."""
    from partystate.runs.recipe import Recipe

    everything = """
        [drivers]
        grain_shortfall = { scale = 0, values = { "1928-01" = 0.0 } }
        [founding]
        deaths = { Lenin = "never" }
        [[levers]]
        when = "bloc_size > 0.5"
        remove = "Trotsky"
        """
    for text in ("", OFF, everything):
        recipe = Recipe(text=text, off=("S03",), months=5)
        again = Recipe(text=bundle_files.scenario_text(recipe), months=5)
        assert again.built().key(1) == recipe.built().key(1)


# BibTeX ------------------------------------------------------------------------------------------------------------


def fields(entry: str) -> dict[str, str]:
    """Name -> value in braces of an entry, checked to be balanced."""
    found = dict(re.findall(r"^  (\w+) = \{(.*)\},$", entry, re.MULTILINE))
    for value in (*found.values(), entry):
        depth = 0
        for sign in value:
            depth += {"{": 1, "}": -1}.get(sign, 0)
            assert depth >= 0, entry
        assert depth == 0, entry
    return found


def test_every_source_of_the_record_is_a_sound_entry():
    entries = {key: bibtex.entry(source) for key, source in record.load().sources.items()}
    for key, entry in entries.items():
        found = fields(entry)
        assert re.fullmatch(r"[A-Za-z0-9_:.-]+", key)
        assert found["title"], key
        for name, value in found.items():
            if name != "url":
                assert not re.search(r"(?<!\\)[&%$#_]", value), entry
            assert "\n" not in value


@pytest.mark.parametrize(("citation", "author", "year", "title"), [
    ("D. Acemoglu, G. Egorov and K. Sonin (2008), Coalitions, Review 75", "D. Acemoglu and G. Egorov and K. Sonin",
     "2008", "{Coalitions, Review 75}"),
    ("E. H. Carr (1958-64), Socialism in One Country", "E. H. Carr", "1958--64", "{Socialism in One Country}"),
    ("Independent Labour Party (1920), Report", "{Independent Labour Party}", "1920", "{Report}"),
    ("V. N. Zemskov (1991), 'GULAG (a study)', Sotsiologicheskie issledovaniia nos. 6-7", "V. N. Zemskov", "1991",
     "{GULAG (a study)}"),
])  # fmt: skip
def test_authors_year_and_title_are_told_apart(citation, author, year, title):
    found = fields(bibtex.entry(Source("key", citation, "")))
    assert (found["author"], found["year"], found["title"]) == (author, year, title)


@pytest.mark.parametrize("citation", [
    "S. Fitzpatrick (1999), Everyday Stalinism, Oxford UP; (2015) On Stalin's Team, Princeton UP",
    "L. Lih, O. Naumov and O. Khlevniuk (eds) (1995), Stalin's Letters to Molotov",
    "Popular history of the April 1929 plenum",
])  # fmt: skip
def test_what_cannot_be_told_apart_stays_whole(citation):
    assert fields(bibtex.entry(Source("key", citation, "")))["title"] == f"{{{citation}}}"


def test_special_signs_are_escaped():
    nasty = r"50 % of A & B_C #1 $2 {x} ~y ^z \command"
    found = fields(bibtex.entry(Source("key", nasty, r"a {place} 100%")))
    assert found["title"] == (
        r"{50 \% of A \& B\_C \#1 \$2 {\textbraceleft}x{\textbraceright} {\textasciitilde}y {\textasciicircum}z "
        r"{\textbackslash}command}"
    )
    assert found["note"] == r"Opened at a {\textbraceleft}place{\textbraceright} 100\%"


def test_addresses_are_kept_as_they_are():
    address = "https://history.state.gov/x_y?a=1&b=2%20c#d"
    assert fields(bibtex.entry(Source("key", "Title", address)))["url"] == address
    for words in ("https://rulit.me … utopia 668750-53", "https://a.org (item 2)", "GitHub owid/owid : a_b.csv"):
        found = fields(bibtex.entry(Source("key", "Title", words)))
        assert "url" not in found
        assert found["note"].startswith("Opened at ")


def test_sources_stand_beside_what_they_are_behind(partystate, ensemble):
    cited = bundle.gather("e")
    found = bundle.sources(cited)
    assert list(found) == sorted(found)
    assert {"mechanisms", "parameters", "January 1922"} == {use for uses in found.values() for use in uses}
