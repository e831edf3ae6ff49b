story Only what the newcomer buys after being brought is credited
why   relationship.md 1: the edge counts from its own moment
brand order 50.00 gap 30
2026-01-05 order_line bob product=tea order=b1 amount=80.00
2026-02-01 referral_accepted bob by=ada
2026-01-01 order_line ada product=tea order=a1 amount=50.00
at 2026-02-01
ada referred_orders = 0
2026-02-02 order_line bob product=tea order=b2 amount=80.00
at 2026-02-02
ada referred_orders = 1
