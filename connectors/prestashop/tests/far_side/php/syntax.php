<?php
/**
 * php syntax.php FILE...: names what PHP 7.2 would not parse, or does not know. One line a finding.
 *
 * A newer PHP reads the files here; what the language gained since 7.2 is told by its tokens.
 */
const NEWER = [
    'T_FN' => 'arrow function (7.4)',
    'T_COALESCE_EQUAL' => '??= (7.4)',
    'T_MATCH' => 'match (8.0)',
    'T_NULLSAFE_OBJECT_OPERATOR' => '?-> (8.0)',
    'T_ATTRIBUTE' => 'attribute (8.0)',
    'T_ENUM' => 'enum (8.1)',
    'T_READONLY' => 'readonly (8.1)',
];
const FUNCTIONS = [
    'array_key_first', 'array_key_last', 'is_countable', 'hrtime', 'net_get_interfaces', 'gc_status',
    'mb_str_split', 'password_algos', 'get_mangled_object_vars', 'str_contains', 'str_starts_with',
    'str_ends_with', 'fdiv', 'get_debug_type', 'get_resource_id', 'preg_last_error_msg', 'array_is_list',
    'fsync', 'fdatasync', 'ini_parse_quantity', 'json_validate', 'mb_trim', 'array_find', 'array_any',
    'array_all', 'mb_ucfirst', 'mb_lcfirst', 'bcfloor',
];
const CONSTANTS = ['JSON_THROW_ON_ERROR', 'PASSWORD_ARGON2ID', 'CURLOPT_PROTOCOLS_STR', 'PHP_OS_FAMILY_NAME'];
const CLASSES = ['JsonException', 'WeakReference', 'WeakMap', 'Stringable', 'ValueError', 'UnhandledMatchError'];
const TYPES = ['mixed', 'never', 'true', 'false', 'null'];

/** @return array<int, array{0: string, 1: string, 2: int}> name, text, line; without what means nothing */
function tokens(string $source): array
{
    $found = [];
    $line = 1;
    foreach (token_get_all($source) as $one) {
        list($name, $text) = is_array($one) ? [token_name($one[0]), $one[1]] : [$one, $one];
        if (!in_array($name, ['T_WHITESPACE', 'T_COMMENT', 'T_DOC_COMMENT', 'T_OPEN_TAG', 'T_INLINE_HTML'], true)) {
            $found[] = [$name, $text, $line];
        }
        $line += substr_count($text, "\n");
    }

    return $found;
}

/** @return string[] */
function newer(string $source): array
{
    $found = [];
    $tokens = tokens($source);
    $open = [];
    $at = function (int $index) use ($tokens): array {
        return isset($tokens[$index]) ? $tokens[$index] : ['', '', 0];
    };
    foreach ($tokens as $i => list($name, $text, $line)) {
        list($before, $next, $second) = [$at($i - 1), $at($i + 1), $at($i + 2)];
        $say = function (string $what) use (&$found, $line) {
            $found[] = "$line: $what";
        };
        if (isset(NEWER[$name])) {
            $say(NEWER[$name]);
        }
        if (in_array($name, ['T_LNUMBER', 'T_DNUMBER'], true) && strpos($text, '_') !== false) {
            $say('separator in a number (7.4)');
        }
        if ($name === 'T_END_HEREDOC' && $text !== ltrim($text)) {
            $say('indented heredoc (7.3)');
        }
        if (in_array($name, ['T_PUBLIC', 'T_PROTECTED', 'T_PRIVATE', 'T_VAR', 'T_STATIC'], true)) {
            $type = $next[0] === '?' ? 2 : 1;
            if (in_array($at($i + $type)[0], ['T_STRING', 'T_ARRAY', 'T_NAME_FULLY_QUALIFIED'], true)
                && $at($i + $type + 1)[0] === 'T_VARIABLE' && $before[0] !== '(' && $before[0] !== ',') {
                $say('typed property (7.4)');
            }
            if (in_array($before[0], ['(', ','], true) && $name !== 'T_STATIC' && end($open) === 'T_FUNCTION') {
                $say('constructor promotion (8.0)');
            }
        }
        if ($name === 'T_STRING' && $next[0] === ':' && in_array($before[0], ['(', ','], true)) {
            $say('named argument (8.0)');
        }
        if ($name === 'T_ELLIPSIS' && end($open) === '[') {
            $say('spread in an array (7.4)');
        }
        if ($name === 'T_ELLIPSIS' && $before[0] === '(' && $next[0] === ')') {
            $say('first-class callable (8.1)');
        }
        if ($name === 'T_THROW' && !in_array($before[0], [';', '{', '}', ')', ':', 'T_ELSE'], true)) {
            $say('throw in an expression (8.0)');
        }
        if ($name === 'T_CATCH' && $at($i + 3)[0] === ')') {
            $say('catch without a variable (8.0)');
        }
        if ($name === 'T_CLASS' && $before[0] === 'T_DOUBLE_COLON' && $at($i - 2)[0] === 'T_VARIABLE') {
            $say('$object::class (8.0)');
        }
        if ($name === '|' && $before[0] === 'T_STRING' && in_array(end($open), ['T_FUNCTION'], true)) {
            $say('union type (8.0)');
        }
        if ($name === ':' && $before[0] === ')' && ($next[0] === 'T_STATIC'
            || ($next[0] === 'T_STRING' && in_array(strtolower($next[1]), TYPES, true) && $second[0] === '{'))) {
            $say("return type {$next[1]} (8.0)");
        }
        if (in_array($name, ['(', '[', '{', 'T_CURLY_OPEN', 'T_DOLLAR_OPEN_CURLY_BRACES'], true)) {
            $open[] = $name !== '(' ? $name : kind($before[0], $at($i - 2)[0]);
        }
        if (in_array($name, [')', ']', '}'], true)) {
            $kind = array_pop($open);
            if ($name === ')' && $before[0] === ',' && in_array($kind, ['call', 'T_FUNCTION'], true)) {
                $say($kind === 'call' ? 'comma after the last argument (7.3)' : 'comma after the last parameter (8.0)');
            }
        }
        if ($name === 'T_STRING' && $next[0] === '(' && in_array($text, FUNCTIONS, true)
            && !in_array($before[0], ['T_OBJECT_OPERATOR', 'T_DOUBLE_COLON', 'T_FUNCTION'], true)) {
            $say("function $text()");
        }
        if ($name === 'T_STRING' && (in_array($text, CONSTANTS, true) || in_array($text, CLASSES, true))) {
            $say("$text is not known");
        }
    }

    return $found;
}

/** What a bracket belongs to. */
function kind(string $before, string $second): string
{
    if ($before === 'T_FUNCTION' || $second === 'T_FUNCTION' || $before === 'T_USE') {
        return 'T_FUNCTION';
    }
    $calls = ['T_STRING', 'T_VARIABLE', ')', ']', '}', 'T_NAME_FULLY_QUALIFIED', 'T_NAME_QUALIFIED', 'T_STATIC',
        'T_ISSET', 'T_UNSET', 'T_EMPTY', 'T_EXIT'];

    return in_array($before, $calls, true) ? 'call' : '(';
}

if (isset($argv) && realpath($argv[0]) === __FILE__) {
    $bad = false;
    foreach (array_slice($argv, 1) as $file) {
        foreach (newer((string) file_get_contents($file)) as $finding) {
            $bad = true;
            echo "$file:$finding\n";
        }
    }
    exit($bad ? 1 : 0);
}
