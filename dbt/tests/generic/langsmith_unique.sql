{# No two rows agree in these columns. Null is a value here. #}
{% test langsmith_unique(model, columns) %}
select {{ columns | join(', ') }}, count(*) as times
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
