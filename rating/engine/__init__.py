"""The rating engine: a pure function from scheme, events and frozen attributes to grades and reasons.

No Django here: numpy and the standard library. Exact integer arithmetic throughout (ledger contract).

    scheme = parsing.parse(document, kinds={"harvest.recorded": 3, …})     SchemeError lists every fault
    window = columns.Window.year(2025)                                     or Window.rolling(day): live score
    for results in score.score_blocks(scheme, events, roll, window, tie_break): …
    report = explain.explain(…)                                            every event behind every point

`rating.services.reading` makes `columns.Events` from the ledger, `rating.services.writing` turns
`columns.Results` into rows of the ratings table.
"""
