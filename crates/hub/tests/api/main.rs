//! The public interface over real sockets, foldered like the interface itself.

mod app;
mod assets;
mod endpoints;
mod integrations;
mod queues;
mod session;
mod storage;
