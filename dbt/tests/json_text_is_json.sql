-- Text in a JSON column that is no JSON would be null in the staging model, and so be lost.
{% set checked = {'run': ['metadata'], 'feedback': ['value'], 'example': ['inputs', 'outputs']} %}
select cast(null as {{ langsmith_type('string') }}) as table_name, cast(null as {{ langsmith_type('string') }}) as column_name, 0 as lost
from (select 1 as nothing) as nothing
where false
{% for table, columns in checked.items() if langsmith_using(table) %}
{% for one in langsmith_relations(table) %}
{% set types = {} %}
{% for column in adapter.get_columns_in_relation(one.relation) %}{% do types.update({column.name | lower: column.dtype | upper}) %}{% endfor %}
{% for column in columns if types.get(column, 'JSON') != 'JSON' %}
union all
select '{{ table }}', '{{ column }}', 1
from {{ one.relation }} as t
where t.{{ column }} is not null and {{ langsmith_read(column, types[column], 'json') }} is null
{% endfor %}
{% endfor %}
{% endfor %}
