//! The built-in web console: the chat where no other chat is.

pub mod view;
