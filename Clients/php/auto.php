<?php
// Has unchanged long-running PHP scripts draw other numbers after a resume or clone of the system:
//
//     sysgenidctl run --signal URG -- php -d auto_prepend_file=/usr/share/php/SysGenID/auto.php SCRIPT
//
// sysgenidctl tells of each change by the signal, which the system ignores where nobody has a handler for it. PHP runs the
// handler before its next jump or call. A request of a server needs nothing: PHP seeds anew at its start.

(static function (): void {
    if (PHP_SAPI !== 'cli' || !function_exists('pcntl_async_signals')) {
        return;
    }
    pcntl_async_signals(true);
    pcntl_signal(SIGURG, static function (): void {
        mt_srand(random_int(PHP_INT_MIN, PHP_INT_MAX));
    });
})();
