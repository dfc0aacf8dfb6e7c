"""``python -m tests.goldens.update`` writes the kept histories anew after a change of the model that was meant."""

from __future__ import annotations

from tests.goldens.runs import GOLDENS, differences, text

REMINDER = "Note in docs/forking-paths.md what was changed, why, and what it did to the reported outcomes."


def main() -> None:
    changed = 0
    for golden in GOLDENS:
        came = golden.run()
        found = list(differences(golden.kept(), came)) if golden.path.exists() else ["not kept before"]
        if not found:
            print(f"{golden.name}: as kept")
            continue
        golden.path.write_text(text(came), encoding="utf-8")
        changed += 1
        print(f"{golden.name}: written anew; {len(found)} differences, the first: {found[0]}")
    if changed:
        print(REMINDER)


if __name__ == "__main__":
    main()
