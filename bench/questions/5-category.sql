SELECT person FROM event
WHERE name = 1 AND category = 1 AND ts >= :now - 14 * :day AND ts < :now
GROUP BY person HAVING count(*) >= 5
