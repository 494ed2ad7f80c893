# What the tests of TLS servers have in common.

# make_certificate: for all servers of the guest.
make_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=guest -days 1 \
        -keyout /run/key.pem -out /run/certificate.pem 2>/dev/null
}

# serve_tls NAME PORT [COMMAND...]: an nginx of one process, which the command starts.
serve_tls() {
    mkdir "/run/nginx-$1"
    cat >"/run/nginx-$1/nginx.conf" <<END
daemon off;
master_process off;
pid /run/nginx-$1/pid;
error_log /run/nginx-$1/error.log;
events { }
http {
    access_log off;
    server {
        listen 127.0.0.1:$2 ssl;
        ssl_certificate /run/certificate.pem;
        ssl_certificate_key /run/key.pem;
        return 204;
    }
}
END
    server=$1
    shift 2
    start "server-$server" "$@" nginx -p "/run/nginx-$server" -c "/run/nginx-$server/nginx.conf"
    until_true 30 [ -s "/run/nginx-$server/pid" ] || give_up "nginx serves: $(cat "/run/server-$server.log")"
}
