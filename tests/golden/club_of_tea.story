story A club that lives by renewals: another brand, another model, the same code
model subscription
2026-01-05 identified ada origin=friend_referral
every 30 days 6 times from 2026-01-05 subscription_renewed ada
every 30 days 6 times from 2026-01-08 promise_kept ada
2026-03-01 event_attended ada
2026-03-02 preference_stated ada
at 2026-06-10
ada tier strong
ada order_days = 6
ada unobservable super_strong
2026-06-12 subscription_cancelled ada
2026-06-12 complaint_raised ada
at 2026-06-13
ada tier weak
at 2026-08-15
ada tier micro
