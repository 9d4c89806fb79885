-- The tables of a new tenant.
--
-- Runs as the tenant's own role, in one transaction: everything is owned by the tenant and lands in its schema by way of
-- the role's search_path, so no name carries a schema. It runs again on every tenant when this file changes: each
-- statement must therefore stand being run twice, and must leave the data that is already there alone.

-- Product categories: what the catalogue is browsed by.
create table if not exists categories (
  id serial primary key,
  name varchar(255) not null unique,
  description text,
  created_at timestamptz default now()
);

-- The product catalogue. A product outlives its category.
create table if not exists products (
  id serial primary key,
  sku varchar(100) not null unique,
  name varchar(255) not null,
  description text,
  price numeric(10, 2) not null default 0,
  stock integer not null default 0,
  category_id integer references categories (id) on delete set null,
  is_active boolean default true,
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);

-- People of the tenant's own staff. role is one of: admin, marketing, seller.
create table if not exists users (
  id serial primary key,
  email varchar(255) not null unique,
  password_hash varchar(255) not null,
  role varchar(50) not null default 'seller',
  is_active boolean default true,
  created_at timestamptz default now()
);

-- Sales and marketing groups: what customers are assigned to.
create table if not exists salesgroups (
  id serial primary key,
  name varchar(255) not null,
  created_at timestamptz default now()
);

-- Which sellers work for which group. A membership means nothing without both ends.
create table if not exists groupsellers (
  id serial primary key,
  salesgroup_id integer references salesgroups (id) on delete cascade,
  user_id integer references users (id) on delete cascade
);

-- Which marketing managers look after which group. A membership means nothing without both ends.
create table if not exists groupmarketingmanagers (
  id serial primary key,
  salesgroup_id integer references salesgroups (id) on delete cascade,
  user_id integer references users (id) on delete cascade
);

-- The tenant's customers: the businesses that buy. A customer outlives its group.
create table if not exists customers (
  id serial primary key,
  code varchar(100) not null unique,
  name varchar(255) not null,
  is_active boolean default true,
  salesgroup_id integer references salesgroups (id) on delete set null,
  created_at timestamptz default now()
);

-- How a customer is reached; goes with the customer.
create table if not exists customerinfo (
  id serial primary key,
  customer_id integer references customers (id) on delete cascade,
  email varchar(255),
  phone varchar(50),
  address text
);

-- Price lists: named sets of prices that differ from the catalogue's.
create table if not exists pricelists (
  id serial primary key,
  name varchar(255) not null,
  is_active boolean default true,
  created_at timestamptz default now()
);

-- A product's price in one list: at most one, hence the unique pair.
create table if not exists pricelistitems (
  id serial primary key,
  pricelist_id integer references pricelists (id) on delete cascade,
  product_id integer references products (id) on delete cascade,
  price numeric(10, 2) not null,
  unique (pricelist_id, product_id)
);

-- Orders are kept when the customer or the seller goes. status is one of: pending, confirmed, shipped, cancelled.
create table if not exists orders (
  id serial primary key,
  customer_id integer references customers (id) on delete set null,
  user_id integer references users (id) on delete set null,
  status varchar(50) default 'pending',
  total numeric(12, 2) default 0,
  notes text,
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);

-- The lines of an order, with the price of the day; a line outlives its product.
create table if not exists orderitems (
  id serial primary key,
  order_id integer references orders (id) on delete cascade,
  product_id integer references products (id) on delete set null,
  quantity integer not null,
  unit_price numeric(10, 2) not null
);

-- A customer's basket before it becomes an order: one line a product, hence the unique pair.
create table if not exists cartcache (
  id serial primary key,
  customer_id integer references customers (id) on delete cascade,
  product_id integer references products (id) on delete cascade,
  quantity integer not null default 1,
  updated_at timestamptz default now(),
  unique (customer_id, product_id)
);

-- Similar products, as the recommender scored them: one score a pair, hence the key.
create table if not exists product_recommendations (
  product_id integer references products (id) on delete cascade,
  recommended_product_id integer references products (id) on delete cascade,
  score float not null default 0,
  primary key (product_id, recommended_product_id)
);

-- The catalogue is listed by category.
create index if not exists idx_products_category on products (category_id);

-- A customer's orders are looked up on every visit.
create index if not exists idx_orders_customer on orders (customer_id);

-- The back office lists orders by their status.
create index if not exists idx_orders_status on orders (status);

-- An order is shown with its lines.
create index if not exists idx_orderitems_order on orderitems (order_id);
