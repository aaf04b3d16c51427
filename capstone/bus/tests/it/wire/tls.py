"""A client that is nothing but Python's sockets and OpenSSL: says "ok" when all of it was as it should be."""

import json
import socket
import ssl
import sys


def connect(port, context):
    plain = socket.create_connection(("127.0.0.1", port), 10)
    info = json.loads(plain.makefile("rb", buffering=0).readline().removeprefix(b"INFO "))
    assert info["tls_required"] and info["tls_verify"] and info["auth_required"], info
    return context.wrap_socket(plain, server_hostname="localhost")


def main(port, folder):
    context = ssl.create_default_context(cafile=f"{folder}/ca.pem")
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context.minimum_version = context.maximum_version = version
        context.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
        client = connect(port, context)
        lines = client.makefile("rb")
        client.sendall(b'CONNECT {"verbose":false,"user":"u","pass":"p"}\r\nSUB a 1\r\nPUB a 200000\r\n')
        client.sendall(b"x" * 200_000 + b"\r\nPING\r\n")
        assert lines.readline() == b"MSG a 1 200000\r\n"
        assert lines.read(200_002) == b"x" * 200_000 + b"\r\n"
        assert lines.readline() == b"PONG\r\n"
        client.close()

        refused = connect(port, context)
        refused.sendall(b'CONNECT {"verbose":false,"user":"u","pass":"q"}\r\n')
        assert refused.makefile("rb").read() == b"-ERR 'Authorization Violation'\r\n"

    try:
        unknown = connect(port, ssl.create_default_context(cafile=f"{folder}/ca.pem"))
        unknown.sendall(b'CONNECT {"user":"u","pass":"p"}\r\nPING\r\n')
        assert unknown.recv(100) == b"", "without a certificate"
    except OSError:
        pass
    print("ok")


main(int(sys.argv[1]), sys.argv[2])
