//! What the API server asks the gate and what comes of it, as tables: every kind, operation, mode, ratchet and
//! sub-resource, who sends, by which command, and how many requests what somebody does sends.
//!
//! | table | says |
//! |---|---|
//! | [`operations`] | kind × operation |
//! | [`subresources`] | scale by direction and account, and the sub-resources of Pods |
//! | [`accounts`] | who creates × which owner is named |
//! | [`verbs`] | kubectl's verbs |
//!
//! The first three hold in every setting: mode × ratchet. Expected answers follow from rules that are written by
//! hand beside the table, never from what was answered.

mod accounts;
mod commands;
mod counts;
mod helm;
mod kinds;
mod operations;
mod settings;
mod subresources;
mod table;
mod verbs;
