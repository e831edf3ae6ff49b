story A bond is with one named person on several days, not with many for one day each
brand order 50.00 gap 30
2026-01-05 staff_met ada staff=wang
2026-01-05 staff_met ada staff=wang
2026-01-12 staff_met ada staff=wang
2026-01-19 staff_met ada staff=wang
2026-01-05 staff_met bob staff=wang
2026-01-12 staff_met bob staff=li
2026-01-19 staff_met bob staff=zhao
at 2026-01-19
ada staff_bond = 3
bob staff_bond = 1
