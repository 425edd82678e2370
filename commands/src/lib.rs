//! What can be done and concluded: the command table, people and what they may do, and the verbs.
//!
//! | module | holds |
//! | --- | --- |
//! | [`table`] | every command, one line each: keys, not texts |
//! | [`parse`], [`moment`] | from a typed line to a typed [`command`] |
//! | [`people`] | who somebody is, and what they may do |
//! | [`refusal`] | why a command is refused |
//! | [`fleet`] | what is configured of clusters, pools, clouds, traffic and schedules |
//! | [`facts`] | what is seen of them: plain nodes, pods, instances, probes, each with its age |
//! | [`planner`], [`guard`], [`floors`] | from a request to a plan; what every plan must keep; what must hold before a step |
//! | [`approval`], [`budget`] | who may say yes, and what may be spent without anybody |
//! | [`repeat`] | what failed twice and is not offered a third time |
//! | [`estimate`] | how long a running plan will still take |
//! | [`diagnose`], [`preflight`], [`capacity`] | what the facts mean |
//! | [`ports`] | what adapters offer: orchestrator, cloud, traffic; and calls on them as data |
//! | [`verb`] | what a command changes: events, decided purely |
//! | [`suggest`] | what a person may type next in an incident, the best first |
//! | [`complete`] | what may be typed next |
//!
//! No client library, no input or output, no clock, no sentence.

pub mod approval;
pub mod budget;
pub mod capacity;
pub mod command;
pub mod complete;
pub mod diagnose;
pub mod estimate;
pub mod facts;
pub mod fleet;
pub mod floors;
pub mod guard;
pub mod moment;
pub mod parse;
pub mod people;
pub mod planner;
pub mod ports;
pub mod preflight;
pub mod refusal;
pub mod repeat;
pub mod suggest;
pub mod table;
pub mod verb;
