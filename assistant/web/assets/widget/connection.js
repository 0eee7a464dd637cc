// The connection to the server: a WebSocket that reconnects and resumes a running answer after the
// last event it saw, or server-sent events over a plain request where sockets do not get through.
// Every event is passed on exactly once, in order.

const retries = [300, 1000, 2000, 4000, 8000]; // milliseconds between attempts
const attemptsBeforePlain = 2; // sockets that never opened

export class Connection {
  conversation = "";
  #server;
  #on;
  #socket = null;
  #turn = 0; // the running turn, 0: none named yet
  #seq = 0; // last event seen of it
  #pending = null; // question not acknowledged by a start event
  #running = false;
  #failures = 0;
  #opened = false;
  #closed = false;
  #abort = null;

  constructor(server, on) {
    this.#server = server;
    this.#on = on;
  }

  // ask sends a question; one runs at a time.
  ask(question) {
    this.#pending = { ...question, conversation: this.conversation };
    this.#running = true;
    this.#turn = 0;
    this.#seq = 0;
    if (!this.#opened && this.#failures >= attemptsBeforePlain) this.#plain();
    else if (this.#socket?.readyState === WebSocket.OPEN) this.#put();
    else this.#connect();
  }

  // cancel ends the running answer; the server says so with an error event.
  cancel() {
    if (this.#abort) this.#abort.abort();
    else if (this.#turn) this.#send({ type: "cancel", conversation: this.conversation, turn: this.#turn });
  }

  // begin forgets the conversation.
  begin() {
    this.cancel();
    this.conversation = "";
    this.#running = false;
    this.#pending = null;
    this.#turn = 0;
  }

  close() {
    this.#closed = true;
    this.#socket?.close();
    this.#abort?.abort();
  }

  #connect() {
    if (this.#closed || this.#socket?.readyState <= WebSocket.OPEN) return;
    const url = new URL("v1/chat", this.#server);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.onopen = () => {
      this.#opened = true;
      this.#failures = 0;
      this.#on.state("online");
      if (this.#running) this.#put();
    };
    socket.onmessage = (message) => this.#receive(JSON.parse(message.data));
    socket.onclose = () => this.#lost();
  }

  // #put sends what is due: the question, or the wish to go on.
  #put() {
    if (this.#turn) this.#send({ type: "resume", conversation: this.conversation, turn: this.#turn, seq: this.#seq });
    else if (this.#pending) this.#send({ type: "ask", ...this.#pending });
  }

  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ v: 1, ...message }));
  }

  #lost() {
    if (this.#closed || !this.#running) return; // reconnected by the next question
    this.#failures++;
    if (!this.#opened && this.#failures >= attemptsBeforePlain) {
      this.#plain();
      return;
    }
    this.#on.state("offline");
    setTimeout(() => this.#connect(), retries[Math.min(this.#failures, retries.length) - 1]);
  }

  #receive(event) {
    if (!this.#running) return;
    const control = event.seq === 0; // an error outside the events of a turn
    if (event.type === "start") {
      this.conversation = event.conversation;
      this.#turn = event.turn;
      this.#pending = null;
    }
    if (!control && (event.turn !== this.#turn || event.seq <= this.#seq)) return;
    if (!control) this.#seq = event.seq;
    if (event.type === "done" || event.type === "error") this.#running = false;
    this.#on.event(event);
  }

  // #plain asks over a plain request and reads server-sent events.
  async #plain() {
    this.#on.state("plain");
    this.#abort = new AbortController();
    try {
      const reply = await fetch(new URL("v1/ask", this.#server), {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
        body: JSON.stringify(this.#pending),
        signal: this.#abort.signal,
      });
      if (!reply.ok) throw new Error((await reply.json()).error?.message);
      await this.#events(reply.body);
      if (this.#running) throw new Error("连接中断，请再问一次。");
    } catch (error) {
      const text = error.name === "AbortError" ? "已停止回答。" : error.message || "无法连接服务器，请稍后再试。";
      this.#receive({ type: "error", turn: this.#turn, seq: 0, text });
    } finally {
      this.#abort = null;
    }
  }

  async #events(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ""; ; ) {
      const { value, done } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const data = block.split("\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6));
        if (data.length) this.#receive(JSON.parse(data.join("\n")));
      }
    }
  }
}
