story A broken promise costs more trust than a kept one earns
why   relationship.md 3: bad news weighs more and stays longer
brand order 50.00 gap 30
2026-01-05 order_line ada product=tea order=1 amount=50.00
2026-01-05 order_line bob product=tea order=2 amount=50.00
2026-01-05 order_line cleo product=tea order=3 amount=50.00
2026-01-10 promise_kept ada
2026-01-10 promise_kept bob
2026-01-10 promise_broken bob
at 2026-01-10
ada trust > cleo
bob trust < cleo
