{# Where the tables lie, and how each becomes a staging model: casts by the type that a column has, deleted rows out. #}

{# Lists the databases and schemas that hold LangSmith's tables: `langsmith_sources`, else the older `langsmith_union_schemas` or
   `langsmith_union_databases`, else the one that `langsmith_database` and `langsmith_schema` name. #}
{% macro langsmith_places() %}
  {% set database = var('langsmith_database', target.database) %}
  {% set schema = var('langsmith_schema', 'main' if target.type == 'duckdb' else 'langsmith') %}
  {% set places = [] %}
  {% for one in var('langsmith_sources', []) %}
    {% do places.append({'database': one.get('database', database), 'schema': one.get('schema', schema), 'name': one.get('name')}) %}
  {% endfor %}
  {% for one in ([] if places else var('langsmith_union_schemas', [])) %}
    {% do places.append({'database': database, 'schema': one}) %}
  {% endfor %}
  {% for one in ([] if places else var('langsmith_union_databases', [])) %}
    {% do places.append({'database': one, 'schema': schema}) %}
  {% endfor %}
  {{ return(places) }}
{% endmacro %}

{# Finds the relations of a table: [{relation, name}]. Raises where a table that every report needs is missing. Another one that is
   missing is told, and leaves its staging model empty: Fivetran makes no table before its first row. The check's verdicts it never has. #}
{% macro langsmith_relations(table) %}
  {% set identifier = var('langsmith_' ~ table ~ '_identifier', 'langsmith_' ~ table) %}
  {% set places = langsmith.langsmith_places() %}
  {% set found = [] %}
  {% if not places %}
    {% set declared = source('langsmith', table) %}
    {% set places = [{'database': declared.database, 'schema': declared.schema}] %}
    {% set identifier = declared.identifier %}
  {% endif %}
  {% if execute %}
    {% for place in places %}
      {% set relation = adapter.get_relation(database=place.database, schema=place.schema, identifier=identifier) %}
      {% set missing = place.database ~ '.' ~ place.schema ~ '.' ~ identifier %}
      {% if relation %}
        {% do found.append({'relation': relation, 'name': place.get('name') or (place.database ~ '.' ~ place.schema) | lower}) %}
      {% elif table in ('project', 'run') %}
        {{ exceptions.raise_compiler_error(missing ~ ' is missing: set langsmith_database and langsmith_schema to where the rows are') }}
      {% elif table != 'completeness' %}
        {{ exceptions.warn(missing ~ ' is missing, so stg_langsmith__' ~ table ~ ' lacks its rows; langsmith_using_' ~ table ~ ': false says that this is meant') }}
      {% endif %}
    {% endfor %}
  {% endif %}
  {{ return(found) }}
{% endmacro %}

{# Selects a table as it is staged: the rows of all places, one below the other. `fallbacks`: by column, what stands in for null. #}
{% macro langsmith_staged(table, fallbacks={}) %}
  {% set relations = langsmith.langsmith_relations(table) %}
  {% if not relations %}
    {{ langsmith.langsmith_empty(table) }}
  {% endif %}
  {% for one in relations %}
    {{ 'union all' if not loop.first }}
    {{ langsmith.langsmith_of_one_place(table, one.relation, one.name, fallbacks) }}
  {% endfor %}
{% endmacro %}

{% macro langsmith_of_one_place(table, relation, name, fallbacks) %}
  {% set types = {} %}
  {% for column in adapter.get_columns_in_relation(relation) %}
    {% do types.update({column.name | lower: column.dtype | upper}) %}
  {% endfor %}
  {% set workspace = " || '.' || coalesce(workspace_id, '')" if 'workspace_id' in types else '' %}
    select
      '{{ name }}'{{ workspace }} as source_relation
      {% for column, kind in langsmith.langsmith_columns(table) %}
      {% set read = langsmith.langsmith_read(column, types.get(column), kind) %}
      , {% if column in fallbacks %}coalesce({{ read }}, {{ langsmith.langsmith_fallback(fallbacks[column], types) }}){% else %}{{ read }}{% endif %} as {{ column }}
      {% endfor %}
      , {{ langsmith.langsmith_read('_synced_at', types['_synced_at'], 'timestamp') if '_synced_at' in types
           else langsmith.langsmith_read('_fivetran_synced', types.get('_fivetran_synced'), 'timestamp') }} as _synced_at
    from {{ relation }} as t
    where {{ langsmith.langsmith_is_live(types) }}
    {% set parent = langsmith.langsmith_parents().get(table) %}
    {% if parent and '_fivetran_deleted' in types %}
      {# Fivetran deletes by key alone, so the children of what is deleted stay: they go here, as they do in BigQuery and DuckDB. #}
      {% set home = adapter.get_relation(relation.database, relation.schema, var('langsmith_' ~ parent.table ~ '_identifier', 'langsmith_' ~ parent.table)) %}
      {% if home %}
      and t.{{ parent.column }} not in (
        select p.{{ parent.column }} from {{ home }} as p where p._fivetran_deleted and p.{{ parent.column }} is not null
      )
      {% endif %}
    {% endif %}
{% endmacro %}

{# A row that is not marked as deleted, by the marks that its table has. #}
{% macro langsmith_is_live(types) %}
  {%- set marks = [] -%}
  {%- if '_deleted_at' in types %}{% do marks.append('t._deleted_at is null') %}{% endif -%}
  {%- if '_fivetran_deleted' in types %}{% do marks.append('not coalesce(t._fivetran_deleted, false)') %}{% endif -%}
  {{ marks | join(' and ') or 'true' }}
{%- endmacro %}

{# Reads a column as its declared kind, whatever type it has here. One that the table lacks is null. #}
{% macro langsmith_read(column, type, kind) %}
  {%- if type is none or type is undefined -%} cast(null as {{ langsmith.langsmith_type(kind) }})
  {%- else -%} {{ adapter.dispatch('langsmith_cast', 'langsmith')('t.' ~ adapter.quote(column), type, kind) }}
  {%- endif -%}
{% endmacro %}

{# A table without rows, with the columns and types of the staged one. #}
{% macro langsmith_empty(table) %}
    select
      cast(null as {{ langsmith.langsmith_type('string') }}) as source_relation
      {% for column, kind in langsmith.langsmith_columns(table) %}
      , cast(null as {{ langsmith.langsmith_type(kind) }}) as {{ column }}
      {% endfor %}
      , cast(null as {{ langsmith.langsmith_type('timestamp') }}) as _synced_at
    from (select 1 as nothing) as nothing
    where false
{% endmacro %}

{# The staging model of a table, or an empty table in its place where `langsmith_using_<table>` is false. #}
{% macro langsmith_stg(table) %}
  {%- if langsmith.langsmith_using(table) -%} (select * from {{ ref('stg_langsmith__' ~ table) }})
  {%- else -%} ({{ langsmith.langsmith_empty(table) }})
  {%- endif -%}
{% endmacro %}

{% macro langsmith_using(table) %}
  {{ return(var('langsmith_using_' ~ table, true)) }}
{% endmacro %}
