story Asking the bank instead of the shop is distrust: worse than a return
brand order 50.00 gap 30
every 15 days 3 times from 2026-01-05 order_line ada product=tea order=a* amount=50.00
every 15 days 3 times from 2026-01-05 order_line bob product=tea order=b* amount=50.00
2026-02-10 payment_disputed ada order=a-2
2026-02-10 order_refunded bob order=b-2
at 2026-02-10
ada trust < bob
ada orders = 2
bob orders = 2
