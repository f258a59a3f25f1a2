SELECT f.person FROM event f
WHERE f.name = 5 AND f.ts >= :now - 35 * :day AND f.ts < :now - 25 * :day
  AND NOT EXISTS (SELECT 1 FROM event o
                  WHERE o.name = 5 AND o.person = f.person AND o.ts <> f.ts AND o.ts < :now)
