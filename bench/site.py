"""What the served site costs: start-up, memory, and processor time of its pages. By hand, on a quiet machine.

Usage: site.py PROGRAM DATA-FOLDER     (a folder made by `yifa demo --data DATA-FOLDER --no-serve`)
"""
import http.client, os, pathlib, re, subprocess, sys, threading, time, urllib.parse

program, data = sys.argv[1], pathlib.Path(sys.argv[2])
port = int(os.environ.get("YIFA_BENCH_PORT", "8471"))
password = dict(line.split("\t")[:2] for line in (data / "demo-logins.txt").read_text("utf-8").splitlines())["zhifa1"]
ticks = os.sysconf("SC_CLK_TCK")


def ask(connection, path, cookie=None, body=None):
    headers = {"Cookie": cookie} if cookie else {}
    if body:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request("POST" if body else "GET", path, body, headers)
    answer = connection.getresponse()
    return answer, answer.read()


def link():
    return http.client.HTTPConnection("127.0.0.1", port)


def processor():
    after = pathlib.Path(f"/proc/{site.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(after[11]) + int(after[12])) / ticks


def memory():
    text = pathlib.Path(f"/proc/{site.pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+)", text, re.M).group(1)) / 1024


start = time.monotonic()
site = subprocess.Popen([program, "serve", "--data", str(data), "--listen", f"127.0.0.1:{port}"],
                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    while True:
        try:
            if ask(link(), "/healthz")[0].status == 200:
                break
        except OSError:
            time.sleep(0.002)
    print(f"start-up to the first answer: {time.monotonic() - start:.3f} s")
    time.sleep(1)
    print(f"memory at rest: {memory():.0f} MiB")
    answer, _ = ask(link(), "/office/login", body=urllib.parse.urlencode({"account": "zhifa1", "password": password}))
    cookie = answer.getheader("Set-Cookie").split(";")[0]
    connection = link()
    _, page = ask(connection, "/office/cases?procedure=general_penalty", cookie)
    case = re.search(rb"/office/cases/[0-9A-Z]{26}", page).group().decode()
    for name, path, who in [("case page", case, cookie), ("list page", "/office/cases?procedure=dispute", cookie),
                            ("search", "/office/cases?q=%E5%8D%A0%E9%81%93", cookie), ("today", "/office", cookie),
                            ("annual report", "/report/2023", None), ("portal home", "/", None)]:
        times, before = [], processor()
        n = 500
        for _ in range(n):
            began = time.monotonic()
            answer, page = ask(connection, path, who)
            assert answer.status == 200, (path, answer.status)
            times.append(time.monotonic() - began)
        spent = (processor() - before) / n * 1000
        times.sort()
        print(f"{name}: {spent:.2f} ms of processor, p50 {times[n // 2] * 1000:.2f} ms, p99 {times[n * 99 // 100] * 1000:.2f} ms, "
              f"{len(page) / 1024:.1f} KiB")

    def load():
        mine = link()
        for i in range(400):
            ask(mine, [case, "/office/cases", "/office", "/report/2023"][i % 4], cookie)

    threads = [threading.Thread(target=load) for _ in range(32)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    time.sleep(1)
    print(f"memory under load of 32 clients: {memory():.0f} MiB")
    for thread in threads:
        thread.join()
    print(f"pages a second with 32 clients: {32 * 400 / (time.monotonic() - began):.0f}; memory after it: {memory():.0f} MiB")
finally:
    site.terminate()
    site.wait()
