SELECT p.person FROM person p
WHERE EXISTS (SELECT 1 FROM event c
              WHERE c.name = 2 AND c.person = p.person AND c.ts < :now
                AND EXISTS (SELECT 1 FROM event o
                            WHERE o.name = 5 AND o.person = c.person AND o.ts > c.ts
                              AND o.ts < c.ts + 7 * :day AND o.ts < :now)
                AND EXISTS (SELECT 1 FROM event v
                            WHERE v.name = 1 AND v.person = c.person AND v.ts < c.ts
                              AND v.ts > c.ts - 7 * :day))
