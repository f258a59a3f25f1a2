WITH bought AS (SELECT DISTINCT person,
                    extract(year FROM to_timestamp(ts / 1000)) * 12
                    + extract(month FROM to_timestamp(ts / 1000)) AS month
                FROM event WHERE name = 5 AND ts < :now),
     first AS (SELECT person, min(month) AS month FROM bought GROUP BY person)
SELECT first.month::int AS cohort, (bought.month - first.month)::int AS later, count(*) AS people
FROM bought JOIN first ON first.person = bought.person
GROUP BY 1, 2
