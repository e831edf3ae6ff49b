story The same forty-five days of silence: nothing for a monthly buyer, alarming for a weekly one
why   relationship.md 4: a silence is judged against the person's own rhythm
brand order 50.00 gap 30
every 7 days 20 times from 2026-01-05 order_line weekly product=tea order=w* amount=30.00
every 30 days 5 times from 2026-01-18 order_line monthly product=tea order=m* amount=30.00
at 2026-07-02
weekly silence_days = 45
monthly silence_days = 45
weekly velocity at_risk
monthly velocity drifting
monthly silence_rhythms < 2
weekly silence_rhythms > 3
at 2026-12-01
weekly velocity lost
