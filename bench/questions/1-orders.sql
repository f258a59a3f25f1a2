SELECT person FROM event
WHERE name = 5 AND ts >= :now - 90 * :day AND ts < :now
GROUP BY person HAVING count(*) >= 3
