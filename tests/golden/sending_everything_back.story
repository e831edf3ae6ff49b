story Who sends everything back has no order that stood
why   relationship.md 5: micro asks for an unreturned order
brand order 50.00 gap 30
2026-01-05 order_line ada product=tea order=1 amount=50.00
2026-01-12 order_refunded ada order=1
2026-01-05 order_line bob product=tea order=2 amount=50.00
2026-01-05 order_line bob product=cup order=2 amount=10.00
2026-01-12 line_returned bob product=cup order=2 amount=10.00
2026-01-05 order_line cleo product=tea order=3 amount=50.00
2026-01-12 line_returned cleo product=tea order=C3 amount=50.00   # the return names no order of ours
at 2026-01-11
ada tier micro
at 2026-01-12
ada tier none
ada orders = 0
ada posting 2026-01-12 micro -> none by evidence
bob tier micro
bob orders = 1
cleo tier none
cleo orders = 0
