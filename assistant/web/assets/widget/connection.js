// The connection to the service: a WebSocket that reconnects, to whichever replica takes it, and resumes a
// running answer after the last event it saw, or server-sent events over a plain request where sockets do not get through.
// Every event is passed on exactly once, in order. The secret that it sends along makes its conversations
// its own: nobody else can read, continue or erase them.

const retries = [300, 1000, 2000, 4000, 8000]; // milliseconds between attempts
const attemptsBeforePlain = 2; // sockets that never opened
const resumptions = 5; // of a plain request in a row without an event
const restarts = 8; // refusals in a row of a server that is about to stop
const silence = 20000; // milliseconds without an event until a running answer is asked for anew

const restarting = "服务正在更新，请稍后再问一次。";

// pause is the time before attempt n, from 1. Many clients lose a replica at the same moment; they do not
// all come back at the same moment.
const pause = (n) => retries[Math.min(n, retries.length) - 1] * (0.5 + Math.random());

export class Connection {
  #server;
  #client;
  #on;
  #conversation = "";
  #socket = null;
  #turn = 0; // the running turn, 0: none named yet
  #seq = 0; // last event seen of it
  #pending = null; // question not acknowledged by a start event
  #running = false;
  #failures = 0; // attempts in a row
  #opened = false; // a socket got through once
  #closed = false;
  #refusals = 0; // of the pending question, by servers about to stop
  #abort = null; // of a plain request
  #watch = 0; // timer of silence or of the next attempt

  constructor(server, client, on) {
    this.#server = server;
    this.#client = client;
    this.#on = on;
    this.wake = () => { if (this.#running && !this.#abort) this.#reconnect(); };
    window.addEventListener("online", this.wake);
  }

  // ask sends a question; one runs at a time.
  ask(question) {
    this.#pending = { ...question, conversation: this.#conversation };
    this.#running = true;
    this.#turn = 0;
    this.#seq = 0;
    this.#refusals = 0;
    if (!this.#opened && this.#failures >= attemptsBeforePlain) this.#plain();
    else if (this.#socket?.readyState === WebSocket.OPEN) this.#put();
    else this.#connect();
  }

  // cancel ends the running answer; the server says so with an error event, where it can be reached.
  cancel() {
    if (this.#abort) {
      this.#abort.abort();
      if (this.#turn) this.#fetch(`${this.#path}/cancel`, { method: "POST" }).catch(() => {}); // else nothing runs yet
    } else if (!this.#turn || !this.#send({ type: "cancel", conversation: this.#conversation, turn: this.#turn })) {
      this.#drop();
      this.#fail("已停止回答。");
    }
  }

  // begin forgets the conversation, and the socket on which its last events may still come.
  begin() {
    if (this.#running) {
      this.#running = false;
      this.cancel();
      this.#abort = null;
      this.#drop();
    }
    this.#conversation = "";
  }

  // rename goes on as another client, which no conversation is open to.
  rename(client) {
    this.begin();
    this.#client = client;
  }

  close() {
    this.#closed = true;
    window.removeEventListener("online", this.wake);
    this.#abort?.abort();
    this.#drop();
  }

  #drop() {
    clearTimeout(this.#watch);
    const socket = this.#socket;
    this.#socket = null; // its events count no longer
    socket?.close();
  }

  #reconnect() {
    this.#drop();
    this.#connect();
  }

  #connect() {
    clearTimeout(this.#watch);
    if (this.#closed || this.#socket) return;
    const url = new URL("v1/chat", this.#server);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    const current = (act) => (event) => { if (socket === this.#socket) act(event); };
    this.#socket = socket;
    socket.onopen = current(() => this.#open());
    socket.onmessage = current((message) => this.#receive(JSON.parse(message.data)));
    socket.onclose = current(() => this.#lost());
    this.#listen();
  }

  #open() {
    this.#opened = true;
    this.#failures = 0;
    this.#on.state("online");
    if (this.#running) this.#put();
  }

  // #put sends what is due: the question, or the wish to go on.
  #put() {
    if (this.#turn) this.#send({ type: "resume", conversation: this.#conversation, turn: this.#turn, seq: this.#seq });
    else this.#send({ type: "ask", ...this.#pending });
    this.#listen();
  }

  // #listen gives up a socket that is silent while an answer runs: a network that changed, as between
  // a phone's, does not say so. Resuming is harmless where the answer is only slow.
  #listen() {
    clearTimeout(this.#watch);
    if (this.#running) this.#watch = setTimeout(() => this.#reconnect(), silence);
  }

  #send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify({ v: 1, client: this.#client, ...message }));
    return true;
  }

  #lost() {
    this.#drop();
    if (!this.#running) return; // the next question connects again
    this.#failures++;
    if (!this.#opened && this.#failures >= attemptsBeforePlain) {
      this.#plain();
      return;
    }
    this.#on.state("offline");
    this.#watch = setTimeout(() => this.#connect(), pause(this.#failures));
  }

  #receive(event) {
    if (!this.#running) return;
    if (event.code === "restarting" && !event.seq && this.#refusals++ < restarts) {
      this.#lost(); // another replica takes the question
      return;
    }
    if (event.type === "start" && this.#pending) {
      this.#conversation = event.conversation;
      this.#turn = event.turn;
      this.#pending = null;
    }
    if (event.seq > 0) { // 0: an error outside the events of a turn
      if (event.conversation !== this.#conversation || event.turn !== this.#turn || event.seq <= this.#seq) return;
      this.#seq = event.seq;
    }
    if (event.type === "done" || event.type === "error") this.#running = false;
    if (!this.#abort) this.#listen();
    this.#on.event(event);
  }

  #fail(text) {
    this.#receive({ type: "error", seq: 0, text });
  }

  get #path() {
    return `v1/conversations/${this.#conversation}/turns/${this.#turn}`;
  }

  #fetch(path, options) {
    const headers = { "Xiaoyue-Client": this.#client, Accept: "text/event-stream", ...options.headers };
    return fetch(new URL(path, this.#server), { ...options, headers });
  }

  // #plain asks over a plain request and reads server-sent events. Where they break off, it asks for
  // the rest.
  async #plain() {
    const abort = new AbortController();
    this.#abort = abort;
    let trouble;
    do {
      if (this.#refusals) await new Promise((resolve) => setTimeout(resolve, pause(this.#refusals)));
      if (abort.signal.aborted) break;
      trouble = await this.#attempt("v1/ask", {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(this.#pending), signal: abort.signal,
      });
    } while (trouble === restarting && this.#refusals++ < restarts);
    for (let n = 0, seen = this.#seq; this.#running && this.#turn && n < resumptions && !abort.signal.aborted; n++) {
      await new Promise((resolve) => setTimeout(resolve, pause(n + 1)));
      trouble = await this.#attempt(`${this.#path}?after=${this.#seq}`, { signal: abort.signal });
      if (this.#seq > seen) [n, seen] = [-1, this.#seq];
    }
    if (this.#abort !== abort) return; // another conversation has begun
    this.#abort = null;
    this.#fail(abort.signal.aborted ? "已停止回答。" : trouble); // unless the answer is complete
  }

  // #attempt passes on the events of one request and returns what to say if the answer is not complete.
  async #attempt(path, options) {
    try {
      const reply = await this.#fetch(path, options);
      if (!reply.ok) {
        const { code, message } = (await reply.json()).error;
        return code === "restarting" ? restarting : message;
      }
      this.#on.state("plain");
      if (reply.body) await this.#events(reply.body, options.signal);
      return "连接中断，请再问一次。";
    } catch {
      if (!options.signal.aborted && !this.#turn) this.#failures = 0; // the next question tries a socket again
      return "无法连接服务器，请检查网络后再问一次。";
    }
  }

  async #events(body, signal) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ""; ; ) {
      const { value, done } = await reader.read();
      if (done || signal.aborted) return;
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const data = block.split("\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6));
        if (data.length) this.#receive(JSON.parse(data.join("\n")));
      }
    }
  }
}
