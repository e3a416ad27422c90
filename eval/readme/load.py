"""The table of the load task in README.md: what was promised, and what came of it."""

from typing import Any

Json = dict[str, Any]


def load_table(result: Json) -> list[str]:
    """Return the lines of the table; ratios are by the model's own time, or by the idle one."""
    crowd, adding, abandoned = (result[part] for part in ("crowd", "adding", "abandoned"))
    alone = result["stub_alone"]
    rows = [
        ("page there after `kgrag ui`", f"{result['start']['page_s']:.1f} s", "5 s"),
        (
            f"one question at a time, a model that takes {alone['whole_p50_s']:.1f} s to write",
            f"page {result['one']['page']['whole_p50_s']:.2f} s, "
            f"REST {result['one']['rest']['whole_p50_s']:.2f} s",
            "",
        ),
    ]
    for kind, named, wanted in (("page", "pages", "1.5"), ("rest", "REST streams", "1.15")):
        part = crowd[kind]
        rows.append(
            (
                f"{part['n']} {named} of {crowd['page']['n'] + crowd['rest']['n']} questions at "
                "once: errors; time until the last is done, by the model's "
                f"{alone['total_s']:.1f} s",
                f"{part['errors']}; {part['ratio']:.1f} x",
                f"0; {wanted} x",
            )
        )
    for kind, named in (("page", "page"), ("rest", "REST")):
        busy, idle = adding["busy"][kind], adding["idle"][kind]
        rows.append(
            (
                f"first sentence while {adding['documents']} documents are added, {named}, "
                f"p95 of {busy['n']} (idle {idle['first_p95_s']:.2f} s)",
                f"{busy['first_p95_s']:.2f} s: {adding['ratio'][kind]:.1f} x",
                "2 x",
            )
        )
    slowest = max(part["max_s"] for part in abandoned.values())
    closed = sum(part["closed"] for part in abandoned.values())
    rows.append(
        (f"{closed} left pages and streams: the model is given up", f"{slowest:.1f} s", "2 s")
    )
    return [
        "| what | measured | wanted |",
        "|---|---|---|",
        *(f"| {what} | {measured} | {wanted} |" for what, measured, wanted in rows),
    ]
