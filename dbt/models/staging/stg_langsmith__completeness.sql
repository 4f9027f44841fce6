-- Written by `make docs` from langsmith_core/streams/registry.py; do not edit.
{{ config(enabled=var('langsmith_using_completeness', true)) }}

{{ langsmith.langsmith_staged('completeness') }}
