{# What DuckDB and BigQuery write differently. `default__` is DuckDB's. #}

{% macro langsmith_type(kind) %}{{ return(adapter.dispatch('langsmith_type', 'langsmith')(kind)) }}{% endmacro %}

{% macro default__langsmith_type(kind) %}
  {{ return({'string': 'varchar', 'boolean': 'boolean', 'integer': 'bigint', 'float': 'double', 'numeric': 'decimal(38, 18)',
             'timestamp': 'timestamptz', 'json': 'json'}[kind]) }}
{% endmacro %}

{% macro bigquery__langsmith_type(kind) %}
  {{ return({'string': 'string', 'boolean': 'bool', 'integer': 'int64', 'float': 'float64', 'numeric': 'bignumeric',
             'timestamp': 'timestamp', 'json': 'json'}[kind]) }}
{% endmacro %}

{# A value as its declared kind, given the type that its column has. Text that is no JSON becomes null: test json_text_is_json
   tells. A floating-point cost goes through its text, which has the digits that LangSmith sent. #}
{% macro default__langsmith_cast(value, type, kind) %}
  {%- if kind == 'json' and type != 'JSON' -%} try_cast({{ value }} as json)
  {%- elif kind == 'timestamp' and type in ('TIMESTAMP', 'TIMESTAMP WITHOUT TIME ZONE', 'DATETIME') -%} ({{ value }} at time zone 'UTC')
  {%- elif kind == 'numeric' and type in ('DOUBLE', 'FLOAT') -%} cast(cast({{ value }} as varchar) as decimal(38, 18))
  {%- else -%} cast({{ value }} as {{ langsmith.langsmith_type(kind) }})
  {%- endif -%}
{% endmacro %}

{% macro bigquery__langsmith_cast(value, type, kind) %}
  {%- if kind == 'json' and type == 'JSON' -%} {{ value }}
  {%- elif kind == 'json' -%} safe.parse_json({{ value }}, wide_number_mode => 'round')
  {%- elif kind == 'timestamp' and type == 'DATETIME' -%} timestamp({{ value }}, 'UTC')
  {%- elif kind == 'numeric' and type in ('FLOAT64', 'FLOAT') -%} parse_bignumeric(cast({{ value }} as string))
  {%- else -%} cast({{ value }} as {{ langsmith.langsmith_type(kind) }})
  {%- endif -%}
{% endmacro %}

{# The scalar under a key of a JSON object, as text; null for an object or a list. #}
{% macro langsmith_json_text(json, key) %}{{ adapter.dispatch('langsmith_json_text', 'langsmith')(json, key) }}{% endmacro %}

{% macro default__langsmith_json_text(json, key) %}
  {%- set path = "'$.\"" ~ key | replace("'", "''") ~ "\"'" -%}
  case when json_type({{ json }}, {{ path }}) not in ('OBJECT', 'ARRAY') then json_extract_string({{ json }}, {{ path }}) end
{%- endmacro %}

{% macro bigquery__langsmith_json_text(json, key) %} json_value({{ json }}, '$."{{ key | replace("'", "\\'") }}"') {% endmacro %}

{# Seconds from one timestamp to another, to the microsecond. #}
{% macro langsmith_seconds(since, until) %}{{ adapter.dispatch('langsmith_seconds', 'langsmith')(since, until) }}{% endmacro %}

{% macro default__langsmith_seconds(since, until) %} (epoch_us({{ until }}) - epoch_us({{ since }})) / 1000000.0::double {% endmacro %}

{% macro bigquery__langsmith_seconds(since, until) %} timestamp_diff({{ until }}, {{ since }}, microsecond) / 1000000 {% endmacro %}

{# The day of a timestamp in the time zone `langsmith_timezone`, UTC if it is not set, whatever the session's own zone is. #}
{% macro langsmith_day(moment) %}{{ adapter.dispatch('langsmith_day', 'langsmith')(moment, var('langsmith_timezone', 'UTC')) }}{% endmacro %}

{% macro default__langsmith_day(moment, zone) %} cast({{ moment }} at time zone '{{ zone }}' as date) {% endmacro %}

{% macro bigquery__langsmith_day(moment, zone) %} date({{ moment }}, '{{ zone }}') {% endmacro %}

{# A percentile as a window function, because BigQuery has no exact one as an aggregate: a later max() takes it out of the window. #}
{% macro langsmith_percentile(value, percent, partition) %}
  {{ adapter.dispatch('langsmith_percentile', 'langsmith')(value, percent, partition) }}
{% endmacro %}

{% macro default__langsmith_percentile(value, percent, partition) %}
  quantile_cont({{ value }}, {{ percent }}) over (partition by {{ partition }})
{% endmacro %}

{% macro bigquery__langsmith_percentile(value, percent, partition) %}
  percentile_cont({{ value }}, {{ percent }}) over (partition by {{ partition }})
{% endmacro %}

{# A join with the ids of the runs above a run, from its dotted order: `<time>Z<id>.<time>Z<id>`, the root first. #}
{% macro langsmith_ancestors(dotted_order) %}{{ adapter.dispatch('langsmith_ancestors', 'langsmith')(dotted_order) }}{% endmacro %}

{% macro default__langsmith_ancestors(dotted_order) %} cross join unnest(string_split({{ dotted_order }}, '.')) as place(step) {% endmacro %}

{% macro bigquery__langsmith_ancestors(dotted_order) %} cross join unnest(split({{ dotted_order }}, '.')) as step {% endmacro %}

{# A JSON value as text. #}
{% macro langsmith_as_text(json) %}{{ adapter.dispatch('langsmith_as_text', 'langsmith')(json) }}{% endmacro %}

{% macro default__langsmith_as_text(json) %} cast({{ json }} as varchar) {% endmacro %}

{% macro bigquery__langsmith_as_text(json) %} to_json_string({{ json }}) {% endmacro %}

{# The scalar that a JSON value is, as text; null for an object or a list. #}
{% macro langsmith_json_scalar(json) %}{{ adapter.dispatch('langsmith_json_scalar', 'langsmith')(json) }}{% endmacro %}

{% macro default__langsmith_json_scalar(json) %}
  case when json_type({{ json }}) not in ('OBJECT', 'ARRAY') then json_extract_string({{ json }}, '$') end
{%- endmacro %}

{% macro bigquery__langsmith_json_scalar(json) %} json_value({{ json }}) {% endmacro %}

{# The feedback that a project's statistics count: the sum of `n` over their keys; null without any. BigQuery has no wildcard in a
   JSON path, so labels and their counts are cut out of the text first: a label may be named `n`, too. #}
{% macro langsmith_feedback_total(stats) %}{{ adapter.dispatch('langsmith_feedback_total', 'langsmith')(stats) }}{% endmacro %}

{% macro default__langsmith_feedback_total(stats) %} cast(list_sum(cast(json_extract({{ stats }}, '$.*.n') as bigint[])) as bigint) {% endmacro %}

{% macro bigquery__langsmith_feedback_total(stats) %}
  (select sum(cast(counted as int64)) from unnest(regexp_extract_all(
    regexp_replace(to_json_string({{ stats }}), r'"values":\s*\{(?:"(?:[^"\\]|\\.)*":\s*[0-9]+,?\s*)*\}', ''), r'"n":\s*([0-9]+)'
  )) as counted)
{% endmacro %}
