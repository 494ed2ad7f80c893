<?php
// Prints for each line that it reads a token of each of these generators, in the order that they were named in.
//
//   generators.php NAME...

$generators = [
    "php-mt-rand" => fn() => implode(array_map(fn() => sprintf("%08x", mt_rand()), range(1, 4))),
    "php-random-bytes" => fn() => bin2hex(random_bytes(16)),
];
$draw = fn() => implode(" ", array_map(fn($name) => $generators[$name](), array_slice($argv, 1)));

// What is seeded once is seeded before the snapshot.
$draw();
echo "ready\n";
while (fgets(STDIN) !== false) {
    echo $draw(), "\n";
}
