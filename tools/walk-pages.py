"""Walks the pages of a demo: answers, the demo mark, a login, a refused step; then, in headless Chromium at the width of a desk and
of a telephone, looks at every kind of page: nothing wider than the window, no error in the console, no dead link, every input with
a label, readable contrast, paper of the right size.

Usage: walk-pages.py http://127.0.0.1:8097 demo-logins.txt [FOLDER-FOR-PICTURES]
"""
import http.cookiejar, pathlib, re, shutil, sys, time, urllib.error, urllib.parse, urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from browser import Browser

base, logins = sys.argv[1], pathlib.Path(sys.argv[2]).read_text(encoding="utf-8")
passwords = dict(line.split("\t")[:2] for line in logins.splitlines())
pictures = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None
began = time.time()


class Visitor:
    """Somebody with a cookie jar; signed in, if an account is given."""

    def __init__(self, account=None):
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        if account:
            data = urllib.parse.urlencode({"account": account, "password": passwords[account]}).encode()
            self.opener.open(base + "/office/login", data, timeout=20).read()
            assert self.cookies(), f"{account} cannot sign in"

    def cookies(self):
        return [(cookie.name, cookie.value) for cookie in self.jar]

    def ask(self, request):
        try:
            answer = self.opener.open(request, timeout=20)
            return answer.status, answer.read().decode(errors="replace"), answer.url
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode(errors="replace"), e.url

    def get(self, path, status=200):
        code, text, _ = self.ask(base + path)
        assert code == status, f"{path}: {code}, wanted {status}"
        return text

    def post(self, path, fields, status):
        boundary = "----walk"
        body = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items())
        request = urllib.request.Request(base + path, (body + f"--{boundary}--\r\n").encode(),
                                         {"Content-Type": f"multipart/form-data; boundary={boundary}"})
        code, text, _ = self.ask(request)
        assert code == status, f"POST {path}: {code}, wanted {status}"
        return text


def first(pattern, text):
    found = re.search(pattern, text)
    assert found, f"no {pattern}"
    return found.group()


anybody = Visitor()
for _ in range(100):
    try:
        anybody.get("/healthz")
        break
    except (urllib.error.URLError, ConnectionError):
        time.sleep(0.2)
for path in ["/", "/report/2023", "/procedures", "/procedures/hotline_ticket", "/publications", "/progress", "/verify"]:
    assert "演示数据" in anybody.get(path), f"{path} does not say that it is a demo"
report = anybody.get("/report/2023")
for words in ["475次", "642件", "98.91%", "逾期公开 94 日", "来源：", "发布时间：", "浏览次数：", "扫一扫"]:
    assert words in report, f"the report does not say {words}"
for figure in sorted(set(re.findall(r'href="(/figures/2023/[^"]+)"', report))):
    anybody.get(figure)
anybody.get("/nothing-here", 404)
assert "/office/login" in anybody.ask(base + "/office")[2], "the office is open without a login"

# A step of another stage is refused with its reason; a form that is not ours is not taken.
officer, admin, petitions = Visitor("zhifa1"), Visitor("admin"), Visitor("xinfang")
penalty = first(r"/office/cases/[0-9A-Z]{26}", officer.get("/office/cases?procedure=general_penalty"))
token = re.search(r'name="token" value="([0-9a-f]+)"', officer.get(penalty)).group(1)
refused = officer.post(penalty + "/steps/approve_preservation", {"token": token, "v.preserved_goods": "工具"}, 422)
assert "不准" in refused, "a step of another stage was not refused"
officer.post(penalty + "/steps/approve_preservation", {"token": "0" * 32}, 403)

# The register says how many, pages on and back, and keeps its conditions in the address.
address = "/office/cases?procedure=dispute&state=closed"
register = officer.get(address)
on = first(r'rel="next" href="[^"]+', register).split('"')[-1].replace("&amp;", "&").replace("&#38;", "&")
second = officer.get(on)
assert "state=closed" in on and "第 2 页" in second, "the second page forgot its conditions"
back = first(r'rel="prev" href="[^"]+', second).split('"')[-1].replace("&#38;", "&")
rows = lambda text: re.findall(r"/office/cases/[0-9A-Z]{26}", text)
assert rows(officer.get(back)) == rows(register) != rows(second), "the way back leads elsewhere"
assert "共 " in register and "共 0 件" in officer.get("/office/cases?office=" + urllib.parse.quote("没有这个单位"))

codes = sorted(set(re.findall(r"/procedures/([a-z_]+)", anybody.get("/procedures"))))
assert len(codes) >= 26, f"{len(codes)} guides"
cases = {}
for code in codes:
    for who in (officer, petitions):
        found = rows(who.get(f"/office/cases?procedure={code}"))
        if found:
            cases.setdefault(code, (found[0], who))
person = first(r"/office/people/[a-z0-9]+", admin.get("/office/people"))
listing = first(r"/office/lists\?name=[^\"]+", admin.get("/office/lists"))
assert "只显示这一次" not in admin.get("/office/accounts")
assert officer.ask(base + "/office/accounts")[0] == 403, "staff look after accounts"

office = ["/office", "/office/cases", address, on, "/office/cases?state=late", "/office/cases?q=%E5%8D%A0%E9%81%93", "/office/board",
          first(r"/office/figures/2023/[^\"]+", officer.get("/office/board")), "/office/reports", "/office/reports/2023", "/office/people",
          "/office/lists", "/office/account", "/office/account/factor", "/office/keys", penalty + "/print", penalty + "/dossier", penalty + "/parties"]
visits = [(anybody, path) for path in ["/", "/report/2023", "/figures/2023/registers.valid_certificates", "/procedures", "/publications",
                                       "/progress", "/verify", "/office/login"]]
visits += [(anybody, f"/procedures/{code}") for code in codes]
visits += [(officer, path) for path in office]
visits += [(officer, f"/office/new/{code}") for code in codes]
visits += [(who, path) for path, who in cases.values()]
visits += [(admin, path) for path in ["/office/accounts", person, listing, listing.replace("?", "/entry?"), "/office/people"]]

# Asked of every page: too wide, inputs without a label, double ids, text that is hard to read, links.
LOOK = r"""(() => {
  const told = [], root = document.documentElement;
  const over = root.scrollWidth - root.clientWidth;
  if (over > 0) told.push(`${over} px too wide`);
  const shown = (at) => at.offsetParent !== null && !at.closest("details:not([open])");
  for (const at of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (!at.labels.length && !at.getAttribute("aria-label")) told.push(`no label: ${at.name}`);
  const ids = [...document.querySelectorAll("[id]")].map((at) => at.id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) told.push(`id twice: ${id}`);
  const parts = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (at) => { for (; at; at = at.parentElement) { const c = parts(getComputedStyle(at).backgroundColor); if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
  const hard = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text; (text = walker.nextNode()); ) {
    const at = text.parentElement;
    if (!text.data.trim() || !shown(at) || at.closest("svg, [disabled], .vh, .skip")) continue;
    const style = getComputedStyle(at), size = parseFloat(style.fontSize), bold = +style.fontWeight >= 700;
    const [a, b] = [light(parts(style.color)), light(ground(at))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < (size >= 24 || (bold && size >= 18.66) ? 3 : 4.5)) hard.add(`contrast ${ratio.toFixed(2)}: ${text.data.trim().slice(0, 12)}`);
  }
  return { told: told.concat([...hard]), links: [...document.querySelectorAll("a[href]")].map((a) => a.getAttribute("href")) };
})()"""


def walk(browser, width, links, visits, look=()):
    faults, page, who = [], None, None
    for visitor, path in visits:
        if visitor is not who:
            page, who = browser.page(width), visitor
            for name, value in [*visitor.cookies(), *look]:
                page.cookie(base, name, value)
        told = page.open(base + path)
        seen = page.ask(LOOK)
        faults += [f"{width} {path}: {fault}" for fault in told + seen["told"]]
        for link in seen["links"]:
            if link.startswith("/") and not link.startswith(("//", "/look")):
                links.setdefault(link.split("#")[0], visitor)
    return faults


def follow(links):
    """Opens one link of each kind for each reader: ids and places are alike, pages of a kind are not."""
    faults, kinds = [], {}
    for link, visitor in sorted(links.items()):
        kind = re.sub(r"[0-9A-Z]{26}|[0-9a-f]{16,}|\d+|=[^&]*", "*", link)
        kinds.setdefault((kind, visitor), []).append(link)
    for (_, visitor), alike in kinds.items():
        for link in alike[:2]:
            code, _, _ = visitor.ask(base + urllib.parse.quote(link.replace("&amp;", "&"), safe="/?&=%~.#:;,+"))
            # A receipt holds the whole entry: whoever may see the case may still not see all that one step wrote.
            if code >= 400 and not (code == 403 and link.startswith("/log/proof/")):
                faults.append(f"link {link}: {code}")
    return faults, sum(len(alike[:2]) for alike in kinds.values())


if not shutil.which("chromium"):
    print("no chromium: the pages were asked for and not looked at")
    sys.exit(0)
links = {}
with Browser() as browser:
    faults = walk(browser, 1280, links, visits) + walk(browser, 390, links, visits)
    # 大字版 and 高对比 on a telephone: each page of the office, and some of the portal.
    large = [(who, path) for who, path in visits if who is not anybody or path.count("/") < 2]
    faults += walk(browser, 390, links, large, [("type", "large"), ("contrast", "high")])
    dead, followed = follow(links)
    faults += dead
    page = browser.page(1280)
    for name, value in officer.cookies():
        page.cookie(base, name, value)
    # Keys: the first row, the search, the list of keys. What was typed and not handed in is said.
    page.open(base + "/office/cases")
    page.key("j")
    if not page.ask("document.activeElement.matches('tbody th a')"):
        faults.append("j does not go to the first row")
    page.key("/")
    if page.ask("document.activeElement.type") != "search":
        faults.append("/ does not go to the search")
    page.open(base + "/office/cases")
    page.key("?")
    if not page.ask("document.getElementById('keys').open"):
        faults.append("? does not show the keys")
    page.open(base + "/office/new/general_penalty")
    page.ask("(() => { const at = document.querySelector('textarea'); at.value = '字'; at.dispatchEvent(new Event('input', {bubbles: true})); })()")
    if not page.ask("document.querySelector('.unsaved') !== null"):
        faults.append("what was typed is not said to be unsaved")
    page = browser.page(1280)
    for name, value in officer.cookies():
        page.cookie(base, name, value)
    for path in [penalty + "/print", "/report/2023", penalty]:
        page.open(base + path)
        sizes = set(re.findall(rb"/MediaBox \[0 0 (\d+)[.\d]* (\d+)[.\d]*\]", page.pdf()))
        if not sizes or any(not (594 <= int(w) <= 596 and 841 <= int(h) <= 842) for w, h in sizes):
            faults.append(f"{path}: printed on {sizes}, not on A4")
    if pictures:
        pictures.mkdir(exist_ok=True)
        desk = browser.page(1280, 1150)
        for name, value in officer.cookies():
            desk.cookie(base, name, value)
        for name, path in [("home", "/"), ("report", "/report/2023"), ("case", penalty), ("register", "/office/cases")]:
            desk.open(base + path)
            desk.ask("document.querySelectorAll('.official a.fig')[3]?.click(), new Promise(done => setTimeout(() => done(scrollTo(0, 0)), 100))")
            (pictures / f"{name}.png").write_bytes(desk.picture())
assert not faults, "\n".join([f"{len(faults)} faults on the pages:"] + faults)
print(f"all pages walked: {len(visits)} at two widths, {followed} links, {time.time() - began:.0f} s")
