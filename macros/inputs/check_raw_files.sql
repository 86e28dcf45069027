{#-
    Stops the run when a raw file cannot be read. DuckDB's own errors advise to change options of read_csv, which nobody here can, and nothing
    catches them, so each query is one that reads whatever it is given and tells what it could not. Read are the first lines, from which
    DuckDB finds the columns as well; what is wrong further down fails a model, and show_failing_rows says the same of it.
-#}
{% macro check_raw_files(table, files) %}
    {% if var('raw_format') == 'csv' %}
        {#- few queries for many files, but none that grows too deep -#}
        {% for some_files in files | batch(100) %}
            {% do check_csv_files(table, some_files) %}
        {% endfor %}
    {% else %}
        {% for file in files if not adapter.location_exists(file_pattern(file)) %}
            {% do exceptions.raise_compiler_error(raw_file_problem(table, file, 'no Parquet')) %}
        {% endfor %}
    {% endif %}
{% endmacro %}


{% macro check_csv_files(table, files) %}
    {% set rejects = "store_rejects = true, rejects_table = 'rejected_lines', rejects_scan = 'rejected_scans'" %}

    {#- Whole lines: not strict, without quotes and with a delimiter that no text has, DuckDB reads all that is text. In order, to find the first. -#}
    {% set queries = [] %}
    {% for file in files %}
        {% do queries.append(
            'select ' ~ loop.index0 ~ ", first(line) from (select line from read_csv('" ~ file_pattern(file) ~ "', auto_detect = false, "
            ~ "header = false, columns = {'line': 'varchar'}, delim = '\x01', quote = '', escape = '', strict_mode = false, parallel = false, " ~ rejects
            ~ ') where line is not null limit 20000)'
        ) %}
    {% endfor %}
    {% set headers = run_query(queries | join(' union all ')).rows %}
    {% do stop_at_rejected_lines(table, 'unicode') %}
    {% for place, header in headers if header is none or '\x00' in header %}
        {% do exceptions.raise_compiler_error(raw_file_problem(table, files[place | int], 'no line' if header is none else 'unicode')) %}
    {% endfor %}

    {#- Line ends outside of quotes, for which whole files are read: those that a spreadsheet can have written are no larger. -#}
    {% set patterns = [] %}
    {% for file in files %}
        {% do patterns.append("'" ~ file_pattern(file) ~ "'") %}
    {% endfor %}
    {% set patterns_of_small = [] %}
    {% for row in run_query(
        'select filename from read_blob([' ~ patterns | join(', ') ~ ']) qualify sum(size) over (order by size, filename) < 100000000'
    ).rows %}
        {% do patterns_of_small.append("'" ~ file_pattern(row[0]) ~ "'") %}
    {% endfor %}
    {% if patterns_of_small %}
        {% for row in run_query(
            "select filename from (select filename, regexp_replace(try(decode(content)), '\"[^\"]*\"', '', 'g') as bare_text from read_blob(["
            ~ patterns_of_small | join(', ') ~ "])) where cast(regexp_matches(bare_text, '\\r\\n') as integer) "
            ~ "+ cast(regexp_matches(bare_text, '(^|[^\\r])\\n') as integer) "
            ~ "+ cast(regexp_matches(bare_text, '\\r([^\\n]|$)') as integer) > 1 order by 1"
        ).rows %}
            {% do exceptions.raise_compiler_error(raw_file_problem(table, row[0], 'invalid state')) %}
        {% endfor %}
    {% endif %}

    {#- Cells: as many as the header has, which is not told here when one of its names goes over two lines. -#}
    {% set queries = [] %}
    {% for place, header in headers if header.count('"') % 2 == 0 %}
        {% set columns = [] %}
        {% for name in modules.re.sub('"[^"]*"', '', header).split(',') %}
            {% do columns.append("'c" ~ loop.index ~ "': 'varchar'") %}
        {% endfor %}
        {% do queries.append(
            "select count(concat(*columns(*))) from (select * from read_csv('" ~ file_pattern(files[place | int]) ~ "', auto_detect = false, "
            ~ 'header = true, columns = {' ~ columns | join(', ') ~ "}, delim = ',', quote = '\"', escape = '\"', " ~ rejects ~ ') limit 20000)'
        ) %}
    {% endfor %}
    {% if queries %}
        {% do run_query(queries | join(' union all ')) %}
        {% do stop_at_rejected_lines(table) %}
    {% endif %}
{% endmacro %}


{#- The name of a file in a text of SQL, where a reader takes it for a pattern. -#}
{% macro file_pattern(file) %}
    {% do return(file | replace("'", "''") | replace('[', '[[]')) %}
{% endmacro %}


{% macro stop_at_rejected_lines(table, message=none) %}
    {% for row in run_query(
        'select file_path, line, error_message from rejected_lines inner join rejected_scans using (scan_id, file_id) order by 1, 2 limit 1'
    ).rows %}
        {% do exceptions.raise_compiler_error(raw_file_problem(table, row[0], message or row[2], row[1])) %}
    {% endfor %}
{% endmacro %}


{#- What is wrong with a raw file and what to do about it, by DuckDB's words for it. -#}
{% macro raw_file_problem(table, file, message, line=none) %}
    {% set cells = modules.re.search('Expected Number of Columns: (\\d+) Found: (\\d+)', message) %}
    {% if cells %}
        {% set problem = cells.group(2) ~ ' cells below a header of ' ~ cells.group(1)
            ~ '. Give every row as many cells as the header, and put a cell that holds a comma into double quotes' %}
    {% elif 'unterminated quote' in message %}
        {% set problem = 'a quote is opened and not closed before the comma. Close it, and write a quote inside of a quoted cell twice' %}
    {% elif 'unicode' in message %}
        {% set problem = 'no text in UTF-8. Save it as "CSV UTF-8", or correct raw_format if it is no CSV file' %}
    {% elif 'invalid state' in message %}
        {% set problem = 'its lines end in more than one way (CR LF, LF, CR). Save it with one of them' %}
    {% elif 'no line' in message %}
        {% set problem = 'it is empty. Write at least a header line, or take the table out of the var inputs' %}
    {% elif var('raw_format') == 'parquet' %}
        {% set problem = 'it is no Parquet file, or not a whole one. Write it again, or correct raw_format' %}
    {% else %}
        {% set problem = 'it cannot be read as CSV: cells parted by commas, quoted by double quotes, no line above 2,000,000 bytes. Write it so' %}
    {% endif %}
    {% do return('raw table ' ~ table ~ ', file ' ~ file ~ (', line ' ~ line if line is not none else '') ~ ': ' ~ problem ~ '.') %}
{% endmacro %}


{#- The same for what DuckDB says while it reads all rows; none when that is not about a raw file. -#}
{% macro late_raw_file_problem(message) %}
    {% for table in input_tables() if var('raw_location') is not none %}
        {% set place = var('raw_location').rstrip('/') ~ '/' ~ table ~ ('/' if var('raw_layout') == 'folder' else '.') %}
        {% set file = modules.re.search("file (?:= |['\"])(" ~ modules.re.escape(place) ~ "[^'\"\\n]*)", message) %}
        {% if file %}
            {% set line = modules.re.search('Error on Line: (\\d+)', message) %}
            {% do return(raw_file_problem(table, file.group(1), message, line.group(1) if line else none)) %}
        {% endif %}
    {% endfor %}
    {% do return(none) %}
{% endmacro %}
