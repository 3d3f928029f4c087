#!/usr/bin/env python3
"""Calls a running service with many clients, first alone and then beside clients that misbehave; serve_load.sh starts it.

usage: serve_load.py URL PID IMAGE [JOBS] [CLIENTS] [CONNECTIONS]

Prints, for each half of the jobs: jobs done and lost, answers 503, p50 and p95 of the seconds of waiting (accepted to started) and of
service (started to ended), p95 of /health, and the resident memory of the process at its end. Needs Python 3.8, no packages.
"""

import datetime
import http.client
import json
import os
import resource
import socket
import sys
import threading
import time
import urllib.parse

URL = urllib.parse.urlparse(sys.argv[1])
PID = sys.argv[2]
IMAGE = open(sys.argv[3], "rb").read()
JOBS = int(sys.argv[4]) if len(sys.argv) > 4 else 200
CLIENTS = int(sys.argv[5]) if len(sys.argv) > 5 else 8
CONNECTIONS = int(sys.argv[6]) if len(sys.argv) > 6 else 10_000
BODY = (
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n' + IMAGE + b"\r\n--b--\r\n"
)


def call(method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(URL.hostname, URL.port, timeout=120)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def memory_mb():
    with open(f"/proc/{PID}/status") as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmRSS"))


def seconds(start, end):
    times = [datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (start, end)]
    return (times[1] - times[0]).total_seconds()


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def client(count, results, refusals):
    for _ in range(count):
        while True:
            status, headers, body = call(
                "POST", "/api/jobs", BODY, {"Content-Type": "multipart/form-data; boundary=b"}
            )
            if status != 503:
                break
            refusals.append(1)
            time.sleep(min(2, int(headers["Retry-After"])))
        job = json.loads(body)
        while status == 202 and job["state"] not in ("done", "failed"):
            time.sleep(0.2)
            job = json.loads(call("GET", "/api/jobs/" + job["id"])[2])
        results.append(job)


def health(stop, times):
    while not stop.is_set():
        start = time.monotonic()
        call("GET", "/health")
        times.append(time.monotonic() - start)
        time.sleep(0.1)


def half(name, jobs):
    results, refusals, times, stop = [], [], [], threading.Event()
    watcher = threading.Thread(target=health, args=(stop, times))
    watcher.start()
    shares = [jobs // CLIENTS + (i < jobs % CLIENTS) for i in range(CLIENTS)]
    threads = [threading.Thread(target=client, args=(share, results, refusals)) for share in shares]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall = time.monotonic() - start
    stop.set()
    watcher.join()
    done = [job for job in results if job.get("state") == "done"]
    waiting = [seconds(job["created"], job["started"]) for job in done]
    service = [seconds(job["started"], job["ended"]) for job in done]
    print(
        f"{name:<20} jobs {len(done)}/{jobs} done, {jobs - len(results)} lost, {len(refusals)} answers 503, {wall:.0f} s;"
        f" waiting p50 {quantile(waiting, 0.5):.2f} p95 {quantile(waiting, 0.95):.2f} s;"
        f" service p50 {quantile(service, 0.5):.2f} p95 {quantile(service, 0.95):.2f} s;"
        f" /health p95 {1000 * quantile(times, 0.95):.0f} ms; memory {memory_mb()} MB",
        flush=True,
    )
    return results


def connect():
    return socket.create_connection((URL.hostname, URL.port), timeout=60)


def slow_reader(job, stop, said):
    """Takes a byte a second of an answer."""
    with connect() as channel:
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        channel.sendall(f"GET /api/jobs/{job}/uncertainty.nii.gz HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        count = 0
        while not stop.is_set() and channel.recv(1):
            count += 1
            time.sleep(1)
    said.append(f"slow reader took {count} bytes")


def slow_sender(stop, said):
    """Sends a byte a second."""
    head = (
        "POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        "Content-Length: 100000\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n"
    )
    with connect() as channel:
        channel.sendall(head.encode())
        count = 0
        answer = b""
        try:
            channel.settimeout(1)
            while not stop.is_set() and not answer:
                channel.sendall(b"x")
                count += 1
                try:
                    answer = channel.recv(4096)
                    break
                except socket.timeout:
                    continue
        except OSError as e:
            answer = str(e).encode()
    said.append(f"slow sender sent {count} bytes: {answer.splitlines()[:1]}")


def large_sender(stop, said):
    """Sends 10 GB in chunks, as long as the service takes them."""
    head = (
        "POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )
    start = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n'
    chunk = b"100000\r\n" + bytes(1 << 20) + b"\r\n"
    sent = 0
    answer = b""
    with connect() as channel:
        try:
            channel.sendall(head.encode() + f"{len(start):x}\r\n".encode() + start + b"\r\n")
            while sent < 10 << 30 and not stop.is_set():
                channel.sendall(chunk)
                sent += 1 << 20
        except OSError as e:
            answer = str(e).encode()
        try:
            channel.settimeout(10)
            answer = channel.recv(4096) or answer
        except OSError:
            pass
    said.append(f"large sender sent {sent >> 20} MB: {answer.splitlines()[:1]}")


def liar(said):
    """States lengths that are not true."""
    answers = []
    for length, content in (("10000000000", b"abc"), ("5", b"abcdefgh"), ("-3", b"abc"), ("1000", b"abc")):
        with connect() as channel:
            head = (
                "POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                f"Content-Length: {length}\r\n\r\n"
            )
            channel.sendall(head.encode() + content)
            channel.shutdown(socket.SHUT_WR)
            answer = channel.recv(4096)
            answers.append(answer.split(b" ")[1].decode() if answer else "closed")
    said.append("lengths that are lies: " + ", ".join(answers))


def idle_connections(stop, said):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    open_sockets = []
    failed = ""
    while len(open_sockets) < CONNECTIONS and not stop.is_set():
        try:
            open_sockets.append(connect())
        except OSError as e:
            failed = f" ({e})"
            break
    said.append(f"{len(open_sockets)} silent connections were opened{failed}")
    stop.wait()
    for each in open_sockets:
        each.close()


first = half("alone", JOBS // 2)
done = next(job["id"] for job in first if job["state"] == "done")
stop, said = threading.Event(), []
others = [
    threading.Thread(target=slow_reader, args=(done, stop, said)),
    threading.Thread(target=slow_sender, args=(stop, said)),
    threading.Thread(target=large_sender, args=(stop, said)),
    threading.Thread(target=liar, args=(said,)),
    threading.Thread(target=idle_connections, args=(stop, said)),
]
for other in others:
    other.start()
second = half("beside misbehaving", JOBS - JOBS // 2)
stop.set()
for other in others:
    other.join()
print("\n".join("  " + line for line in said))
listed = json.loads(call("GET", "/api/jobs?limit=1000")[2])
ids = {job["id"] for job in first + second}
print(f"{len(ids)} accepted, {len([job for job in listed if job['id'] in ids])} in the worklist", flush=True)
os._exit(0 if len(ids) == JOBS and all(job["state"] == "done" for job in first + second) else 1)
