//! Huddle's provisioning API: `cargo run -p scim-example-huddle -- --help`.

use std::error::Error;

use scim_example_axum::{app, serve};
use scim_example_huddle::{BASE, server};
use scim_example_options::{Options, log_to_stderr};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let Some(mut options) = Options::from_command_line_at(BASE, "huddle.db")? else {
        return Ok(());
    };
    options.trial = format!(
        "curl -H 'Authorization: OAuth2 {}' --json '{{\"userName\":\"bjensen@example.com\"}}' \
         http://{}/people/companies/123/users",
        options.token, options.listen
    );
    log_to_stderr();
    let server = server(&options)?;
    serve(&options, app(server)).await
}
