//! The rows of the table: each operation, its goal, and what it is measured by.

use std::{sync::Arc, time::Instant};

use crate::{
    bench::{Bench, By, Effort},
    measure::{Failure, Load, Server},
    population::CROWD,
    process,
    report::Goal::{AtLeast, AtMost, Untold},
    requests::{floor, groups, users},
};

/// Users from which on a look-up is compared with the floor at the same size.
const MANY: usize = 1_000_000;

/// Measures everything that was asked for.
pub(crate) async fn all(bench: &mut Bench) -> Result<(), Failure> {
    sizes(bench);
    by_id(bench).await?;
    look_ups(bench).await?;
    pages(bench).await?;
    searches(bench).await?;
    groups(bench).await?;
    members(bench).await?;
    writes(bench).await?;
    large_group(bench).await?;
    deletions(bench).await
}

fn sizes(bench: &mut Bench) {
    let users = bench.main.population.all_users() as f64;
    let ready = bench.main.ready;
    let resident = ready.users_kib as f64 / users;
    let in_file = ready.file_bytes as f64 / 1024.0 / users;
    if bench.is_memory() {
        bench.tell("memory per user", AtMost(3.0), resident, "KiB", None);
        return;
    }
    bench.tell("memory per user", Untold, resident, "KiB", None);
    bench.tell("file per user", AtMost(1.6), in_file, "KiB", None);
}

async fn by_id(bench: &mut Bench) -> Result<(), Failure> {
    let server = bench.main.clone();
    let get = users::get_user(&server).count(5_000);
    match bench.is_memory() {
        true => {
            let fixed = floor::fixed(&server).count(5_000);
            bench.compare("GET by id / fixed body", AtMost(1.25), By::Cpu, &get, &[&fixed]).await
        }
        false => {
            let select = floor::select(&server).count(5_000);
            bench.compare("GET by id / raw select", AtMost(1.15), By::Cpu, &get, &[&select]).await
        }
    }
}

async fn look_ups(bench: &mut Bench) -> Result<(), Failure> {
    let server = bench.main.clone();
    let get = users::get_user(&server).count(3_000);
    let floor = match bench.is_memory() {
        true => floor::map_by_name(&server).count(3_000),
        false => floor::select_by_name(&server).count(3_000),
    };
    for (name, filter) in users::look_ups() {
        let find = users::find_user(&server, filter).count(3_000);
        if server.population.users < MANY {
            let name = format!("{name} / own GET by id");
            bench.compare(&name, AtMost(1.2), By::Cpu, &find, &[&get]).await?;
        } else {
            let floor_name = if bench.is_memory() { "plain map" } else { "raw select" };
            let name = format!("{name} / {floor_name}");
            bench.compare(&name, AtMost(1.5), By::Cpu, &find, &[&floor]).await?;
        }
    }
    Ok(())
}

async fn pages(bench: &mut Bench) -> Result<(), Failure> {
    let (server, small) = (bench.main.clone(), bench.small.clone());
    let users = server.population.users;
    let page = |server: &Arc<Server>, parameters: &str| users::page(server, parameters).count(200);
    let first = page(&server, "");
    let of_small = page(&small, "");
    let name = format!("first page of 100, {users} / 1,000 users");
    bench.compare(&name, AtMost(1.3), By::Cpu, &first, &[&of_small]).await?;
    let deep = page(&server, &format!("&startIndex={users}"));
    let name = "page at the end by startIndex / first page";
    bench.compare(name, AtMost(3.0), By::Cpu, &deep, &[&first]).await?;
    let sorted = page(&server, "&sortBy=userName");
    let sorted_deep = page(&server, &format!("&sortBy=userName&startIndex={users}"));
    let name = "page at the end by startIndex, sorted / first page";
    bench.compare(name, AtMost(3.0), By::Cpu, &sorted_deep, &[&sorted]).await?;
    let name = "page at the end by cursor / first page";
    if bench.wants(name) {
        let cursor = last_cursor(&server).await?;
        let (by_cursor, at_end) = (page(&server, "&cursor="), page(&server, &cursor));
        bench.compare(name, AtMost(1.3), By::Cpu, &at_end, &[&by_cursor]).await?;
    }
    Ok(())
}

/// The cursor of the last full page.
async fn last_cursor(server: &Server) -> Result<String, Failure> {
    let mut parameters = "&cursor=".to_owned();
    for _ in 0..server.population.all_users() / 100 - 1 {
        let response = server.send(&users::first_page_by_cursor(&parameters)).await?;
        parameters = users::next_page(&response).ok_or("a page has no cursor")?;
    }
    Ok(parameters)
}

async fn searches(bench: &mut Bench) -> Result<(), Failure> {
    let (server, small) = (bench.main.clone(), bench.small.clone());
    let starts =
        [("userName", "user"), ("displayName", "Ada Lovelace "), ("emails.value", "ada.lovelace.")];
    for (attribute, start) in starts {
        let find = |server: &Arc<Server>| users::starting_with(server, attribute, start);
        let (find, of_small) = (find(&server), find(&small));
        let name = format!("{attribute} sw, ten matches / the same of 1,000 users");
        bench.compare(&name, AtMost(2.0), By::Cpu, &find, &[&of_small]).await?;
    }
    let most = if bench.is_memory() { 5.0 } else { 60.0 };
    for (name, filter) in users::searches() {
        let find = users::find_user(&server, filter).count(10).concurrency(2);
        bench.cost(&format!("{name} / time"), AtMost(most), "ms", &find).await?;
    }
    Ok(())
}

async fn groups(bench: &mut Bench) -> Result<(), Failure> {
    let server = bench.main.clone();
    let largest = server.population.largest();
    let size = server.population.members(largest);
    let get = users::get_user(&server).count(2_000);
    let without = groups::get_group_without_members(&server, largest).count(2_000);
    let name = format!("GET group of {size} without members / GET of a user");
    bench.compare(&name, AtMost(1.3), By::Cpu, &without, &[&get]).await?;
    let has = groups::has_member(&server, largest).count(2_000);
    let name = format!("id eq and members eq, group of {size} / GET of a user");
    bench.compare(&name, AtMost(1.3), By::Cpu, &has, &[&get]).await?;
    let busy = users::get_busy_user(&server).count(100);
    let rows = floor::edges_of_busy_user(&server).count(100);
    let name = format!("GET a user in {} groups / raw select of them", server.population.teams);
    bench.compare(&name, AtMost(2.0), By::Cpu, &busy, &[&rows]).await
}

async fn members(bench: &mut Bench) -> Result<(), Failure> {
    let server = bench.main.clone();
    let population = server.population;
    let count = 1_900 / bench.rounds as u64;
    for op in ["add", "remove"] {
        let of_group = |group| groups::change_member(&server, group, op).count(count);
        let loads: Vec<Load> = (0..population.sizes().len()).map(of_group).collect();
        let name =
            format!("{op} one member, groups of 10 … {}, dearest / cheapest", population.users);
        bench.flat(&name, 1.3, &loads.iter().collect::<Vec<_>>()).await?;
    }
    let size = population.members(population.largest());
    let add = groups::change_member(&server, population.largest(), "add").count(count);
    if bench.is_memory() {
        let name = format!("add one member, group of {size}");
        bench.cost(&name, AtMost(30.0), "µs", &add).await?;
    } else {
        let connect = floor::connect(&server).count(count);
        let name = format!("add one member, group of {size} / raw edge insert");
        bench.compare(&name, AtMost(1.4), By::Cpu, &add, &[&connect]).await?;
    }
    let crowd = groups::add_crowd(&server).count(10).concurrency(1);
    let raw = floor::connect_crowd(&server).count(10).concurrency(1);
    let name = format!("add {CROWD} members / {CROWD} raw look-ups and inserts");
    bench.compare(&name, AtMost(1.5), By::Cpu, &crowd, &[&raw]).await
}

async fn writes(bench: &mut Bench) -> Result<(), Failure> {
    let server = bench.main.clone();
    let count = if bench.is_memory() { 1_000 } else { 400 };
    let get = users::get_user(&server).count(1_000);
    let update = floor::update(&server).count(400);
    let patch = users::patch_active(&server).count(count);
    let name = "PATCH active / own GET + raw update";
    bench.compare(name, AtMost(2.0), By::Cpu, &patch, &[&get, &update]).await?;
    let put = users::put_user(&server).count(count);
    bench
        .compare("PUT / own GET + raw update", AtMost(2.0), By::Cpu, &put, &[&get, &update])
        .await?;
    let create = users::create(&server).count(count).concurrency(32);
    let insert = floor::insert(&server).count(400).concurrency(32);
    let goal = if bench.is_memory() { Untold } else { AtLeast(2.0) };
    let name = "create, 32 at once / raw insert, rate";
    bench.compare(name, goal, By::Rate, &create, &[&insert]).await?;
    let create = create.concurrency(8);
    let bulk = users::bulk_create(&server).count(10).concurrency(1);
    let name = "Bulk of 100 creates, each / a single create";
    bench.compare(name, AtMost(0.5), By::Cpu, &bulk, &[&create]).await?;
    let insert_all = floor::insert_all(&server).count(10).concurrency(1);
    let name = "Bulk of 100 creates, each / raw insert of 100, each";
    bench.compare(name, Untold, By::Cpu, &bulk, &[&insert_all]).await
}

async fn large_group(bench: &mut Bench) -> Result<(), Failure> {
    let server = bench.main.clone();
    let group = server.population.largest();
    let size = server.population.members(group);
    let name = format!("memory grows while a group of {size} is read");
    if !bench.wants(&name) {
        return Ok(());
    }
    // Other rows may have added members, but never taken one of the first away.
    let members = groups::member_count(&server, group).await?;
    if members < size {
        return Err(format!("{members} of {size} members").into());
    }
    let get = groups::get_group(&server, group, members).concurrency(1).count(1);
    process::forget_peak(server.process())?;
    let before = process::resident_kib(server.process())?;
    let measure = get.run().await?;
    let grown = process::peak_kib(server.process())?.saturating_sub(before);
    bench.tell(&name, AtMost(32.0), grown as f64 / 1024.0, "MiB", Some(measure));
    Ok(())
}

async fn deletions(bench: &mut Bench) -> Result<(), Failure> {
    let server = bench.main.clone();
    let population = server.population;
    let name = format!("delete a user in {} groups", population.teams);
    if bench.wants(&name) {
        let delete = users::delete_busy_user(&server).concurrency(1).count(5);
        let measure = delete.run().await?;
        bench.tell(&name, Untold, measure.p50 / 1e3, "ms", Some(measure));
    }
    let (group, size) = (population.largest(), population.members(population.largest()));
    let name = format!("clear a group of {size}");
    if !bench.wants(&name) {
        return Ok(());
    }
    let others = bench.sized(&users::patch_active(&server).count(2_000));
    others.run().await?;
    let normal = others.run().await?;
    let clear = groups::clear_group(&server, group).concurrency(1).count(1);
    let start = Instant::now();
    clear.run().await?;
    let taken = start.elapsed().as_secs_f64() * 1e3;
    let meanwhile = others.run().await?;
    bench.tell(&name, AtMost(10.0), taken, "ms", None);
    let ratio = meanwhile.p99 / normal.p99;
    let name = "p99 of other writers after that / before";
    bench.tell(name, AtMost(2.0), ratio, "×", Some(meanwhile));
    groups::get_group(&server, group, 0).concurrency(1).count(1).run().await?;
    if bench.effort == Effort::Full {
        users::get_user(&server).run().await?;
    }
    Ok(())
}
