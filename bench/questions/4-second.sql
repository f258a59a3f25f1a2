SELECT person FROM event
WHERE name = 5 AND ts < :now
GROUP BY person
HAVING count(*) = 1 AND min(ts) >= :now - 35 * :day AND min(ts) < :now - 25 * :day
