story An order that was called off is not taken back again by its refund
why   one cancellation and the refund that follows it are one sum of money
brand order 50.00 gap 30
2026-01-05 order_line ada product=tea order=1 amount=50.00
2026-01-06 order_line ada product=cup order=2 amount=50.00
2026-01-07 order_cancelled ada order=2
2026-01-09 order_refunded ada order=2 amount=50.00
2026-01-05 order_line bob product=tea order=3 amount=50.00
2026-01-06 order_line bob product=cup order=4 amount=50.00
2026-01-07 order_cancelled bob order=4
2026-01-05 order_line cleo product=tea order=5 amount=50.00
2026-01-06 order_line cleo product=cup order=6 amount=50.00
2026-01-07 order_refunded cleo order=6 amount=20.00 partial
2026-01-08 order_cancelled cleo order=6
2026-01-09 order_refunded cleo order=6 amount=30.00
at 2026-01-10
ada orders = 1
ada tier micro
bob orders = 1
bob tier micro
cleo orders = 1
cleo tier micro
ada sums exact
cleo sums exact
