"""Walks the main pages: answers, the demo mark, a login, a refused step, and a picture of each in headless Chromium.

Usage: walk-pages.py http://127.0.0.1:8097 demo-logins.txt [FOLDER-FOR-PICTURES]
"""
import http.cookiejar, os, pathlib, re, shutil, subprocess, sys, tempfile, time, urllib.error, urllib.parse, urllib.request

base, logins = sys.argv[1], pathlib.Path(sys.argv[2]).read_text(encoding="utf-8")
passwords = dict(line.split("\t")[:2] for line in logins.splitlines())
browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))


def get(path, status=200):
    try:
        answer = browser.open(base + path, timeout=20)
        code, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        code, text = e.code, e.read().decode()
    assert code == status, f"{path}: {code}, wanted {status}"
    return text


def post(path, fields, status):
    boundary = "----walk"
    body = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items())
    request = urllib.request.Request(base + path, (body + f"--{boundary}--\r\n").encode(),
                                     {"Content-Type": f"multipart/form-data; boundary={boundary}"})
    try:
        answer = browser.open(request, timeout=20)
        code, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        code, text = e.code, e.read().decode()
    assert code == status, f"POST {path}: {code}, wanted {status}"
    return text


for _ in range(100):
    try:
        get("/healthz")
        break
    except (urllib.error.URLError, ConnectionError):
        time.sleep(0.2)
for path in ["/", "/report/2023", "/procedures", "/procedures/hotline_ticket", "/publications", "/progress", "/verify"]:
    assert "演示数据" in get(path), f"{path} does not say that it is a demo"
report = get("/report/2023")
for words in ["475次", "642件", "98.91%", "逾期公开 94 日", "来源：", "发布时间：", "浏览次数：", "扫一扫"]:
    assert words in report, f"the report does not say {words}"
for figure in sorted(set(re.findall(r'href="(/figures/2023/[^"]+)"', report))):
    get(figure)
get("/nothing-here", 404)
assert "/office/login" in browser.open(base + "/office").url, "the office is open without a login"
data = urllib.parse.urlencode({"account": "zhifa1", "password": passwords["zhifa1"]}).encode()
assert "今天" in browser.open(base + "/office/login", data).read().decode()
for path in ["/office", "/office/cases?q=%E5%8D%A0%E9%81%93", "/office/board", "/office/people", "/office/lists", "/office/reports", "/office/new/hotline_ticket"]:
    get(path)
penalty = re.search(r'/office/cases/[0-9A-Z]{26}', get("/office/cases?procedure=general_penalty")).group()
page = get(penalty)
token = re.search(r'name="token" value="([0-9a-f]+)"', page).group(1)
refused = post(penalty + "/steps/approve_preservation", {"token": token, "v.preserved_goods": "工具"}, 422)
assert "不准" in refused, "a step of another stage was not refused"
post(penalty + "/steps/approve_preservation", {"token": "0" * 32}, 403)
chromium = shutil.which("chromium")
if chromium:
    folder = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else tempfile.mkdtemp())
    folder.mkdir(exist_ok=True)
    for name, path in [("home", "/"), ("report", "/report/2023"), ("guide", "/procedures/general_penalty")]:
        picture = folder / f"{name}.png"
        subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                        "--disable-background-networking", "--disable-component-update", "--disable-sync",
                        f"--user-data-dir={tempfile.mkdtemp()}", "--window-size=1280,1600",
                        f"--screenshot={picture}", base + path], check=True, capture_output=True, timeout=120)
        assert os.path.getsize(picture) > 20_000, f"{name} is blank"
print("all pages walked")
