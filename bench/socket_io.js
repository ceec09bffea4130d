// What ours is compared with: one room of socket.io, over WebSocket alone.  node socket_io.js PORT
const http = require("http").createServer();
const { Server } = require("socket.io");

const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false });
io.on("connection", (socket) => {
  socket.join("room");
  socket.on("chat", (text) => io.to("room").emit("chat", text));
});
http.listen(Number(process.argv[2]), "127.0.0.1");
