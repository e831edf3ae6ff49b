story Half a year later the kept promise is forgotten sooner than the broken one
why   relationship.md 3: each outcome decays with its own half-life
brand order 50.00 gap 30
observe promise_broken promise_kept
2026-01-05 order_line ada product=tea order=1 amount=50.00
2026-01-05 promise_kept ada
2026-01-05 promise_kept ada
2026-01-05 promise_broken ada
at 2026-01-05
ada trust > 0.5
at 2026-10-01
ada trust < 0.5
