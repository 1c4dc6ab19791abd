//! How often each parser allocates while it reads a filter, as a Markdown table.

use allocation_counter::measure;
use scim_filter_peers::{FILTERS, PEERS, table_head};

fn main() {
    println!("{}", table_head());
    for (name, text) in FILTERS {
        let cells = PEERS.map(|peer| {
            // Tables that are built once are not the filter's cost.
            if !(peer.reads)(text) {
                return "refused".to_owned();
            }
            let allocations = measure(|| {
                (peer.reads)(text);
            });
            allocations.count_total.to_string()
        });
        println!("| {name} | {} |", cells.join(" | "));
    }
}
