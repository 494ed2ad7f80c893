<?php
// A script that knows nothing of a client: it draws, and makes a copy of itself, which says what it would draw next.
// Then it draws when it is told so.

$draws = [
    'mt_rand' => fn() => mt_rand(),
    'rand' => fn() => rand(),
    'shuffle' => fn() => (function () { $all = range(1, 100); shuffle($all); return implode(',', $all); })(),
    'array_rand' => fn() => implode(',', array_rand(range(0, 999), 10)),
    'str_shuffle' => fn() => str_shuffle('abcdefghijklmnopqrstuvwxyz'),
];
$draw = function () use ($draws, $argv) { echo $draws[$argv[1]](), "\n"; };

$draw();
$copy = pcntl_fork();
if ($copy === 0) {
    $draw();
    exit;
}
pcntl_waitpid($copy, $status);
fgets(STDIN);
$draw();
