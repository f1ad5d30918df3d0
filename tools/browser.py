"""A headless Chromium at the end of a pipe, with nothing but the standard library.

    with Browser() as browser:
        page = browser.page(1280)
        page.open("http://127.0.0.1:8080/")
        page.ask("document.title")
"""
import json, os, select, shutil, subprocess, tempfile, time


class Browser:
    """One Chromium, spoken to by the DevTools protocol over file descriptors 3 and 4."""

    def __init__(self):
        self.folder = tempfile.mkdtemp()
        theirs_in, self.out = os.pipe()
        self.back, theirs_out = os.pipe()
        # Numbers that Chromium's own 3 and 4 do not overwrite.
        low, high = (os.dup2(fd, n) for fd, n in ((theirs_in, 103), (theirs_out, 104)))
        command = [
            "bash", "-c", 'exec "$0" "$@" 3<&103 4>&104 103<&- 104>&-',
            shutil.which("chromium") or "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=zh-CN", "--hide-scrollbars",
            "--remote-debugging-pipe", f"--user-data-dir={self.folder}", "about:blank",
        ]
        self.process = subprocess.Popen(command, pass_fds=(low, high), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for fd in (theirs_in, theirs_out, low, high):
            os.close(fd)
        self.last, self.unread, self.events = 0, b"", []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def send(self, method, session=None, **params):
        """Asks and waits for the answer; events on the way are kept."""
        self.last += 1
        message = {"id": self.last, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.out, data):]
        while True:
            answer = self.read(60)
            assert answer, f"{method}: no answer"
            if answer.get("id") == self.last:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self.events.append(answer)

    def read(self, seconds):
        """The next message, or nothing when none comes in time."""
        while b"\0" not in self.unread:
            if not select.select([self.back], [], [], seconds)[0]:
                return None
            some = os.read(self.back, 1 << 20)
            assert some, "the browser is gone"
            self.unread += some
        message, self.unread = self.unread.split(b"\0", 1)
        return json.loads(message)

    def page(self, width, height=900):
        """A new page of a width, in a profile of its own."""
        context = self.send("Target.createBrowserContext")["browserContextId"]
        target = self.send("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return Page(self, session, width, height)


class Page:
    def __init__(self, browser, session, width, height):
        self.browser, self.session, self.width = browser, session, width
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)

    def send(self, method, **params):
        return self.browser.send(method, self.session, **params)

    def cookie(self, base, name, value):
        self.send("Network.setCookie", url=base, name=name, value=value)

    def open(self, address):
        """Goes there, waits until everything is loaded, and answers what went wrong on the way."""
        self.browser.events.clear()
        self.send("Page.navigate", url=address)
        end = time.time() + 30
        while not any(e.get("method") == "Page.loadEventFired" for e in self.browser.events):
            event = self.browser.read(end - time.time()) if time.time() < end else None
            assert event, f"{address} did not load"
            self.browser.events.append(event)
        self.ask("new Promise(done => requestAnimationFrame(() => done(1)))")
        return [fault for event in self.browser.events for fault in self.fault(event)]

    def fault(self, event):
        method, params = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            yield "script: " + params["exceptionDetails"].get("text", "")
        if method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
            yield "console: " + str(params["args"])
        if method == "Log.entryAdded" and params["entry"]["level"] == "error":
            yield "log: " + params["entry"]["text"]
        if method == "Network.responseReceived" and params["response"]["status"] >= 400:
            yield f"{params['response']['status']} {params['response']['url']}"

    def ask(self, script):
        answer = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def key(self, key, text=None):
        self.send("Input.dispatchKeyEvent", type="keyDown", key=key, text=text or key)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key)

    def picture(self, whole=False):
        import base64
        return base64.b64decode(self.send("Page.captureScreenshot", captureBeyondViewport=whole)["data"])

    def pdf(self):
        import base64
        return base64.b64decode(self.send("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"])
